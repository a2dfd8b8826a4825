//! Backward passes.

use super::{Heads, SpeechOps, Window, attend, gate, window};
use burn::backend::{
    Autodiff, Backend, TensorMetadata,
    autodiff::{
        checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
        grads::Gradients,
        ops::{Backward, Ops, OpsKind, unary},
    },
    tensor::FloatTensor,
};

#[derive(Debug)]
struct Gelu;

impl<B: Backend + SpeechOps> Backward<B, 1> for Gelu {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let x = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| {
            B::exact_gelu_grad(x, grad)
        });
    }
}

/// Its second parent is a constant.
#[derive(Debug)]
struct DroppedGelu;

impl<B: Backend + SpeechOps> Backward<B, 1> for DroppedGelu {
    type State = (FloatTensor<B>, FloatTensor<B>);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, kept) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| {
            B::dropped_gelu_grad(x, grad, kept)
        });
    }
}

#[derive(Debug)]
struct Softmax;

impl<B: Backend + SpeechOps> Backward<B, 1> for Softmax {
    type State = FloatTensor<B>;

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let y = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| {
            B::last_softmax_grad(y, grad)
        });
    }
}

#[derive(Debug)]
struct Norm;

impl<B: Backend + SpeechOps> Backward<B, 3> for Norm {
    type State = (FloatTensor<B>, FloatTensor<B>, f64);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, weight, eps) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let (x_grad, weight_grad, bias_grad) = B::last_norm_grad(x, weight, grad, eps);
        for (parent, grad) in ops
            .parents
            .into_iter()
            .zip([x_grad, weight_grad, bias_grad])
        {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

#[derive(Debug)]
struct TimeStandard;

impl<B: Backend + SpeechOps> Backward<B, 1> for TimeStandard {
    type State = (FloatTensor<B>, f64);

    fn backward(self, ops: Ops<Self::State, 1>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, eps) = ops.state;
        unary::<B, _>(ops.parents, ops.node, grads, |grad| {
            B::time_standard_grad(x, grad, eps)
        });
    }
}

#[derive(Debug)]
struct Product;

impl<B: Backend + SpeechOps> Backward<B, 2> for Product {
    /// lhs only if rhs is trained, rhs only if lhs is; the factor.
    type State = (Option<FloatTensor<B>>, Option<FloatTensor<B>>, f64);

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (lhs, rhs, alpha) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let [lhs_node, rhs_node] = ops.parents;
        let turned = |x: FloatTensor<B>| {
            let rank = x.shape().num_dims();
            B::float_swap_dims(x, rank - 2, rank - 1)
        };
        if let (Some(node), Some(rhs)) = (lhs_node, rhs) {
            grads.register::<B>(node.id, B::product(grad.clone(), turned(rhs), alpha));
        }
        if let (Some(node), Some(lhs)) = (rhs_node, lhs) {
            grads.register::<B>(node.id, B::product(turned(lhs), grad, alpha));
        }
    }
}

#[derive(Debug)]
struct Affine;

impl<B: Backend + SpeechOps> Backward<B, 3> for Affine {
    /// x only if w or b is trained, w only if x is.
    type State = (Option<FloatTensor<B>>, Option<FloatTensor<B>>);

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, w) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let [x_node, w_node, b_node] = ops.parents;
        if let (Some(node), Some(w)) = (x_node, w) {
            grads.register::<B>(node.id, B::product(grad.clone(), w, 1.0));
        }
        if let Some(x) = x {
            let (w_grad, b_grad) = B::affine_weight_grad(x, grad);
            if let Some(node) = w_node {
                grads.register::<B>(node.id, w_grad);
            }
            if let Some(node) = b_node {
                grads.register::<B>(node.id, b_grad);
            }
        }
    }
}

/// Norm of a sum of two.
#[derive(Debug)]
struct NormOfSum;

impl<B: Backend + SpeechOps> Backward<B, 4> for NormOfSum {
    type State = (FloatTensor<B>, FloatTensor<B>, f64);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (sum, weight, eps) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let (sum_grad, weight_grad, bias_grad) = B::last_norm_grad(sum, weight, grad, eps);
        let all = [sum_grad.clone(), sum_grad, weight_grad, bias_grad];
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

/// Norm of a sum of two, of the second what dropout keeps.
#[derive(Debug)]
struct NormOfDroppedSum;

impl<B: Backend + SpeechOps> Backward<B, 4> for NormOfDroppedSum {
    type State = (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>, f64);

    fn backward(self, ops: Ops<Self::State, 4>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (sum, kept, weight, eps) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let (x, y, weight, bias) = B::dropped_sum_grad(sum, weight, grad, kept, eps);
        for (parent, grad) in ops.parents.into_iter().zip([x, y, weight, bias]) {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

#[derive(Debug)]
struct WindowProduct;

impl<B: Backend + SpeechOps> Backward<B, 2> for WindowProduct {
    /// x only if w is trained, w only if x is; frames of x.
    type State = (
        Option<FloatTensor<B>>,
        Option<FloatTensor<B>>,
        usize,
        Window,
    );

    fn backward(self, ops: Ops<Self::State, 2>, grads: &mut Gradients, _: &mut Checkpointer) {
        let (x, w, time, window) = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let [x_node, w_node] = ops.parents;
        if let (Some(node), Some(w)) = (x_node, w) {
            grads.register::<B>(
                node.id,
                window::input_grad::<B>(w, grad.clone(), time, window),
            );
        }
        if let (Some(node), Some(x)) = (w_node, x) {
            grads.register::<B>(node.id, B::window_weight_grad(x, grad, window));
        }
    }
}

impl<B: Backend + SpeechOps, C: CheckpointStrategy> SpeechOps for Autodiff<B, C> {
    fn exact_gelu(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match Gelu.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                prep.finish(x.primitive().clone(), B::exact_gelu(x.into_primitive()))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::exact_gelu(x.into_primitive())),
        }
    }

    fn dropped_gelu(x: FloatTensor<Self>, kept: FloatTensor<Self>) -> FloatTensor<Self> {
        let prepared = DroppedGelu.prepare::<C>([x.node()]);
        let (x, kept) = (x.into_primitive(), kept.into_primitive());
        match prepared.compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::dropped_gelu(x.clone(), kept.clone());
                prep.finish((x, kept), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::dropped_gelu(x, kept)),
        }
    }

    fn last_softmax(x: FloatTensor<Self>) -> FloatTensor<Self> {
        match Softmax.prepare::<C>([x.node()]).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let y = B::last_softmax(x.into_primitive());
                prep.finish(y.clone(), y)
            }
            OpsKind::UnTracked(prep) => prep.finish(B::last_softmax(x.into_primitive())),
        }
    }

    fn last_norm(
        x: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), weight.node(), bias.node()];
        let (x, weight, bias) = (
            x.into_primitive(),
            weight.into_primitive(),
            bias.into_primitive(),
        );
        match Norm.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = (x.clone(), weight.clone(), eps);
                prep.finish(state, B::last_norm(x, weight, bias, eps))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::last_norm(x, weight, bias, eps)),
        }
    }

    fn time_standard(x: FloatTensor<Self>, eps: f64) -> FloatTensor<Self> {
        match TimeStandard
            .prepare::<C>([x.node()])
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish(
                (x.primitive().clone(), eps),
                B::time_standard(x.into_primitive(), eps),
            ),
            OpsKind::UnTracked(prep) => prep.finish(B::time_standard(x.into_primitive(), eps)),
        }
    }

    fn norm_of_sum(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), y.node(), weight.node(), bias.node()];
        let (x, y) = (x.into_primitive(), y.into_primitive());
        let (weight, bias) = (weight.into_primitive(), bias.into_primitive());
        let (sum, out) = B::sum_and_norm(x, y, weight.clone(), bias, eps);
        match NormOfSum.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => prep.finish((sum, weight, eps), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn norm_of_dropped_sum(
        x: FloatTensor<Self>,
        y: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        weight: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        eps: f64,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), y.node(), weight.node(), bias.node()];
        let (x, y, kept) = (
            x.into_primitive(),
            y.into_primitive(),
            kept.into_primitive(),
        );
        let (weight, bias) = (weight.into_primitive(), bias.into_primitive());
        let (sum, out) = B::dropped_sum_and_norm(x, y, kept.clone(), weight.clone(), bias, eps);
        match NormOfDroppedSum
            .prepare::<C>(nodes)
            .compute_bound()
            .stateful()
        {
            OpsKind::Tracked(prep) => prep.finish((sum, kept, weight, eps), out),
            OpsKind::UnTracked(prep) => prep.finish(out),
        }
    }

    fn attend(
        x: FloatTensor<Self>,
        wq: FloatTensor<Self>,
        wk: FloatTensor<Self>,
        wv: FloatTensor<Self>,
        bq: FloatTensor<Self>,
        bk: FloatTensor<Self>,
        bv: FloatTensor<Self>,
        bias: FloatTensor<Self>,
        padding: FloatTensor<Self>,
        kept: FloatTensor<Self>,
        heads: Heads,
    ) -> FloatTensor<Self> {
        let parameters = [[wq, wk, wv], [bq, bk, bv]];
        attend::tracked::<B, C>(x, parameters, [bias, padding, kept], heads)
    }

    fn gated_bias(
        p: FloatTensor<Self>,
        constant: FloatTensor<Self>,
        bias: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        gate::tracked::<B, C>(p, constant, bias)
    }

    fn affine(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        b: FloatTensor<Self>,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), w.node(), b.node()];
        let x_tracked = x.is_tracked();
        let parameters_tracked = w.is_tracked() || b.is_tracked();
        let (x, w, b) = (x.into_primitive(), w.into_primitive(), b.into_primitive());
        match Affine.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = (
                    parameters_tracked.then(|| x.clone()),
                    x_tracked.then(|| w.clone()),
                );
                prep.finish(state, B::affine(x, w, b))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::affine(x, w, b)),
        }
    }

    fn product(lhs: FloatTensor<Self>, rhs: FloatTensor<Self>, alpha: f64) -> FloatTensor<Self> {
        let nodes = [lhs.node(), rhs.node()];
        let (lhs_tracked, rhs_tracked) = (lhs.is_tracked(), rhs.is_tracked());
        let (lhs, rhs) = (lhs.into_primitive(), rhs.into_primitive());
        match Product.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let state = (
                    rhs_tracked.then(|| lhs.clone()),
                    lhs_tracked.then(|| rhs.clone()),
                    alpha,
                );
                prep.finish(state, B::product(lhs, rhs, alpha))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::product(lhs, rhs, alpha)),
        }
    }

    fn window_product(
        x: FloatTensor<Self>,
        w: FloatTensor<Self>,
        window: Window,
    ) -> FloatTensor<Self> {
        let nodes = [x.node(), w.node()];
        let (x_tracked, w_tracked) = (x.is_tracked(), w.is_tracked());
        let (x, w) = (x.into_primitive(), w.into_primitive());
        match WindowProduct.prepare::<C>(nodes).compute_bound().stateful() {
            OpsKind::Tracked(prep) => {
                let time = window::sizes::<B>(&x)[2];
                let state = (
                    w_tracked.then(|| x.clone()),
                    x_tracked.then(|| w.clone()),
                    time,
                    window,
                );
                prep.finish(state, B::window_product(x, w, window))
            }
            OpsKind::UnTracked(prep) => prep.finish(B::window_product(x, w, window)),
        }
    }
}
