//! Self-attention from the input to the mixed values (Vaswani et al. 2017), composed of the other
//! operations; the backward pass keeps queries, keys, values and weights, and no scores.

use super::SpeechOps;
use burn::backend::{
    Autodiff, Backend, TensorMetadata,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind},
    },
    tensor::FloatTensor,
};

/// What every function here needs to know.
#[derive(Debug, Clone, Copy, PartialEq)]
pub struct Heads {
    /// How many there are.
    pub count: usize,
    /// What scores are multiplied by.
    pub scale: f64,
    /// Whether something is added to the scores that may be trained.
    pub biased: bool,
    /// Whether padding is.
    pub padded: bool,
    /// Whether there is dropout.
    pub dropped: bool,
}

/// Sizes of `[B, T, H]`.
fn sizes<B: Backend>(x: &FloatTensor<B>) -> [usize; 3] {
    let shape = x.shape();
    [shape[0], shape[1], shape[2]]
}

/// `[B, T, H]` or `[B T, H]` to `[B, heads, T, H / heads]`
fn split<B: Backend>(
    x: FloatTensor<B>,
    [batch, time, width]: [usize; 3],
    heads: Heads,
) -> FloatTensor<B> {
    let shape = [batch, time, heads.count, width / heads.count];
    B::float_swap_dims(B::float_reshape(x, shape.into()), 1, 2)
}

/// Back to `[B T, H]`.
fn join<B: Backend>(x: FloatTensor<B>, [batch, time, width]: [usize; 3]) -> FloatTensor<B> {
    B::float_reshape(B::float_swap_dims(x, 1, 2), [batch * time, width].into())
}

fn turned<B: Backend>(x: FloatTensor<B>) -> FloatTensor<B> {
    B::float_swap_dims(x, 2, 3)
}

/// What the forward pass makes, and the backward pass needs.
#[derive(Debug, Clone)]
struct Parts<B: Backend> {
    /// `[B, heads, T, H / heads]` each: queries, keys, values.
    projected: [FloatTensor<B>; 3],
    /// `[B, heads, T, T]`, before dropout.
    weights: FloatTensor<B>,
    /// `[B, T, H]`
    mixed: FloatTensor<B>,
}

/// Softmax of the scores with what is added to them, and what of it is kept, composed of the others.
pub(super) fn softmax<B: Backend + SpeechOps>(
    scores: FloatTensor<B>,
    [bias, padding, kept]: [FloatTensor<B>; 3],
    heads: Heads,
) -> (FloatTensor<B>, FloatTensor<B>) {
    let added = [(heads.biased, bias), (heads.padded, padding)].into_iter();
    let added = added.filter(|(is_there, _)| *is_there);
    let scores = added.fold(scores, |scores, (_, more)| B::float_add(scores, more));
    let weights = B::last_softmax(scores);
    if heads.dropped {
        (weights.clone(), B::float_mul(weights, kept))
    } else {
        (weights.clone(), weights)
    }
}

fn forward<B: Backend + SpeechOps>(
    x: &FloatTensor<B>,
    [wq, wk, wv]: [FloatTensor<B>; 3],
    [bq, bk, bv]: [FloatTensor<B>; 3],
    [bias, padding, kept]: [FloatTensor<B>; 3],
    heads: Heads,
) -> Parts<B> {
    let size = sizes::<B>(x);
    let [batch, time, width] = size;
    let flat = B::float_reshape(x.clone(), [batch * time, width].into());
    let (q, k, v) = B::affine_thrice(flat, wq, wk, wv, bq, bk, bv);
    let [q, k, v] = [q, k, v].map(|x| split::<B>(x, size, heads));
    let projected = [q.clone(), k.clone(), v.clone()];
    let scores = B::product(q, turned::<B>(k), heads.scale);
    let (weights, dropped) = B::scored_softmax(scores, bias, padding, kept, heads);
    let mixed = join::<B>(B::product(dropped, v, 1.0), size);
    let mixed = B::float_reshape(mixed, size.into());
    Parts {
        projected,
        weights,
        mixed,
    }
}

/// What is kept for the backward pass.
#[derive(Debug, Clone)]
struct State<B: Backend> {
    x: FloatTensor<B>,
    /// Of the projections.
    weights: [FloatTensor<B>; 3],
    /// Only with dropout.
    kept: Option<FloatTensor<B>>,
    parts: Parts<B>,
    heads: Heads,
}

/// Gradients of x, the three weights, the three biases, and of what is added to the scores, as far
/// as they are wanted.
fn gradients<B: Backend + SpeechOps>(
    state: State<B>,
    grad: FloatTensor<B>,
    wanted: [bool; 8],
) -> [Option<FloatTensor<B>>; 8] {
    let State {
        x,
        weights,
        kept,
        parts,
        heads,
    } = state;
    let size = sizes::<B>(&x);
    let [batch, time, width] = size;
    let grad = split::<B>(grad, size, heads);
    let [q, k, v] = parts.projected;
    let of_weights = B::product(grad.clone(), turned::<B>(v), 1.0);
    let (of_scores, dropped) = match kept {
        Some(kept) => B::dropped_softmax_grad(parts.weights, of_weights, kept),
        None => {
            let of_scores = B::last_softmax_grad(parts.weights.clone(), of_weights);
            (of_scores, parts.weights)
        }
    };
    let of_values = B::product(turned::<B>(dropped), grad, 1.0);
    let of_queries = B::product(of_scores.clone(), k, heads.scale);
    let of_keys = B::product(turned::<B>(of_scores.clone()), q, heads.scale);

    let projections = [of_queries, of_keys, of_values].map(|x| join::<B>(x, size));
    let mut found = [const { None }; 8];
    found[7] = wanted[7].then_some(of_scores);
    if wanted[1..7].contains(&true) {
        let flat = B::float_reshape(x, [batch * time, width].into());
        let [of_q, of_k, of_v] = projections.clone();
        let ((wq, bq), (wk, bk), (wv, bv)) = B::affine_thrice_grad(flat, of_q, of_k, of_v);
        for (place, grad) in found[1..7].iter_mut().zip([wq, wk, wv, bq, bk, bv]) {
            *place = Some(grad);
        }
    }
    if wanted[0] {
        let ([l0, l1, l2], [r0, r1, r2]) = (projections, weights);
        let x_grad = B::sum_of_products(l0, l1, l2, r0, r1, r2);
        found[0] = Some(B::float_reshape(x_grad, size.into()));
    }
    found
}

#[derive(Debug)]
struct Attend;

impl<B: Backend + SpeechOps> Backward<B, 7> for Attend {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 7>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let mut wanted = [false; 8];
        for (wanted, parent) in wanted.iter_mut().zip(&ops.parents) {
            *wanted = parent.is_some();
        }
        let found = gradients::<B>(ops.state, grad, wanted);
        for (parent, grad) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(grad)) = (parent, grad) {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

/// With an addition to the scores that may be trained.
#[derive(Debug)]
struct AttendWithBias;

impl<B: Backend + SpeechOps> Backward<B, 8> for AttendWithBias {
    type State = State<B>;

    fn backward(self, ops: Ops<Self::State, 8>, grads: &mut Gradients, _: &mut Checkpointer) {
        let grad = grads.consume::<B>(&ops.node);
        let wanted = ops.parents.each_ref().map(Option::is_some);
        let found = gradients::<B>(ops.state, grad, wanted);
        for (parent, grad) in ops.parents.into_iter().zip(found) {
            if let (Some(parent), Some(grad)) = (parent, grad) {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

/// The operation without a record of it.
pub(super) fn plain<B: Backend + SpeechOps>(
    x: FloatTensor<B>,
    [weights, biases]: [[FloatTensor<B>; 3]; 2],
    scores: [FloatTensor<B>; 3],
    heads: Heads,
) -> FloatTensor<B> {
    forward::<B>(&x, weights, biases, scores, heads).mixed
}

/// The operation with its backward pass.
pub(super) fn tracked<B: Backend + SpeechOps, C: CheckpointStrategy>(
    x: FloatTensor<Autodiff<B, C>>,
    [weights, biases]: [[FloatTensor<Autodiff<B, C>>; 3]; 2],
    scores: [FloatTensor<Autodiff<B, C>>; 3],
    heads: Heads,
) -> FloatTensor<Autodiff<B, C>> {
    let x_node = x.node();
    let [wq, wk, wv] = weights.each_ref().map(|x| x.node());
    let [bq, bk, bv] = biases.each_ref().map(|x| x.node());
    let bias_node = heads.biased.then(|| scores[0].node());
    let inner = |x: FloatTensor<Autodiff<B, C>>| x.into_primitive();
    let (x, weights, biases) = (inner(x), weights.map(inner), biases.map(inner));
    let scores = scores.map(inner);
    let kept = heads.dropped.then(|| scores[2].clone());
    let parts = forward::<B>(&x, weights.clone(), biases, scores, heads);
    let mixed = parts.mixed.clone();
    let state = State {
        x,
        weights,
        kept,
        parts,
        heads,
    };
    match bias_node {
        None => {
            let nodes = [x_node, wq, wk, wv, bq, bk, bv];
            match Attend.prepare::<C>(nodes).compute_bound().stateful() {
                OpsKind::Tracked(prep) => prep.finish(state, mixed),
                OpsKind::UnTracked(prep) => prep.finish(mixed),
            }
        }
        Some(bias_node) => {
            let nodes = [x_node, wq, wk, wv, bq, bk, bv, bias_node];
            let prepared = AttendWithBias.prepare::<C>(nodes);
            match prepared.compute_bound().stateful() {
                OpsKind::Tracked(prep) => prep.finish(state, mixed),
                OpsKind::UnTracked(prep) => prep.finish(mixed),
            }
        }
    }
}
