//! The gate on WavLM's position bias (Chen et al. 2022, section III-B), composed of primitives, and
//! its backward pass.

use super::SpeechOps;
use burn::{
    backend::{
        Autodiff, Backend, TensorMetadata,
        autodiff::{
            checkpoint::{base::Checkpointer, strategy::CheckpointStrategy},
            grads::Gradients,
            ops::{Backward, Ops, OpsKind},
        },
        tensor::FloatTensor,
    },
    tensor::Slice,
};

/// a and b, `[B, heads, T, 1]` each: sigmoids of the sums of four.
fn sigmoids<B: Backend>(p: FloatTensor<B>) -> [FloatTensor<B>; 2] {
    let shape = p.shape();
    let [batch, time, heads] = [shape[0], shape[1], shape[2]];
    let fours = B::float_reshape(p, [batch, time, heads, 2, 4].into());
    let sums = B::float_reshape(B::float_sum_dim(fours, 4), [batch, time, heads, 2].into());
    let gates = B::float_permute(B::sigmoid(sums), &[0, 2, 1, 3]);
    let all = Slice::new(0, None, 1);
    [0, 1].map(|i| {
        let one = Slice::new(i, Some(i + 1), 1);
        B::float_slice(gates.clone(), &[all, all, all, one])
    })
}

/// The constant as `[1, heads, 1, 1]`.
fn for_heads<B: Backend>(constant: FloatTensor<B>) -> FloatTensor<B> {
    let heads = constant.shape().num_elements();
    B::float_reshape(constant, [1, heads, 1, 1].into())
}

/// The bias as `[1, heads, T, T]`.
fn for_batch<B: Backend>(bias: FloatTensor<B>) -> FloatTensor<B> {
    let shape = bias.shape();
    B::float_reshape(bias, [1, shape[0], shape[1], shape[2]].into())
}

/// a (b c - 1) + 2
fn gate<B: Backend>(
    a: FloatTensor<B>,
    b: FloatTensor<B>,
    constant: FloatTensor<B>,
) -> FloatTensor<B> {
    let inner = B::float_sub_scalar(B::float_mul(b, constant), 1f64.into());
    B::float_add_scalar(B::float_mul(a, inner), 2f64.into())
}

pub(super) fn gated_bias<B: Backend>(
    p: FloatTensor<B>,
    constant: FloatTensor<B>,
    bias: FloatTensor<B>,
) -> FloatTensor<B> {
    let [a, b] = sigmoids::<B>(p);
    let gate = gate::<B>(a, b, for_heads::<B>(constant));
    B::float_mul(gate, for_batch::<B>(bias))
}

pub(super) fn gated_bias_grad<B: Backend>(
    p: FloatTensor<B>,
    constant: FloatTensor<B>,
    bias: FloatTensor<B>,
    grad: FloatTensor<B>,
) -> (FloatTensor<B>, FloatTensor<B>, FloatTensor<B>) {
    let shape = p.shape();
    let [batch, time, heads] = [shape[0], shape[1], shape[2]];
    let [a, b] = sigmoids::<B>(p);
    let c = for_heads::<B>(constant);
    let gate = gate::<B>(a.clone(), b.clone(), c.clone());
    let bias_grad = B::float_sum_dim(B::float_mul(gate, grad.clone()), 0);
    let bias_grad = B::float_reshape(bias_grad, [heads, time, time].into());

    let of_gate = B::float_sum_dim(B::float_mul(grad, for_batch::<B>(bias)), 3);
    let both = B::float_mul(a.clone(), b.clone());
    let share = B::float_mul(of_gate.clone(), both);
    let constant_grad = B::float_sum_dim(B::float_sum_dim(share, 0), 2);
    let constant_grad = B::float_reshape(constant_grad, [heads].into());

    // s (1 - s)
    let slope = |s: FloatTensor<B>| B::float_sub(s.clone(), B::float_mul(s.clone(), s));
    let inner = B::float_sub_scalar(B::float_mul(b.clone(), c.clone()), 1f64.into());
    let of_a = B::float_mul(B::float_mul(of_gate.clone(), inner), slope(a.clone()));
    let of_b = B::float_mul(B::float_mul(of_gate, B::float_mul(a, c)), slope(b));
    let pair = B::float_permute(B::float_cat(vec![of_a, of_b], 3), &[0, 2, 1, 3]);
    let pair = B::float_reshape(pair, [batch, time, heads, 2, 1].into());
    let p_grad = B::float_expand(pair, [batch, time, heads, 2, 4].into());
    let p_grad = B::float_reshape(p_grad, [batch, time, heads, 8].into());
    (p_grad, constant_grad, bias_grad)
}

#[derive(Debug)]
struct GatedBias;

impl<B: Backend + SpeechOps> Backward<B, 3> for GatedBias {
    type State = [FloatTensor<B>; 3];

    fn backward(self, ops: Ops<Self::State, 3>, grads: &mut Gradients, _: &mut Checkpointer) {
        let [p, constant, bias] = ops.state;
        let grad = grads.consume::<B>(&ops.node);
        let (p_grad, constant_grad, bias_grad) = B::gated_bias_grad(p, constant, bias, grad);
        let all = [p_grad, constant_grad, bias_grad];
        for (parent, grad) in ops.parents.into_iter().zip(all) {
            if let Some(parent) = parent {
                grads.register::<B>(parent.id, grad);
            }
        }
    }
}

/// The operation with its backward pass.
pub(super) fn tracked<B: Backend + SpeechOps, C: CheckpointStrategy>(
    p: FloatTensor<Autodiff<B, C>>,
    constant: FloatTensor<Autodiff<B, C>>,
    bias: FloatTensor<Autodiff<B, C>>,
) -> FloatTensor<Autodiff<B, C>> {
    let nodes = [p.node(), constant.node(), bias.node()];
    let (p, constant) = (p.into_primitive(), constant.into_primitive());
    let bias = bias.into_primitive();
    let out = B::gated_bias(p.clone(), constant.clone(), bias.clone());
    match GatedBias.prepare::<C>(nodes).compute_bound().stateful() {
        OpsKind::Tracked(prep) => prep.finish([p, constant, bias], out),
        OpsKind::UnTracked(prep) => prep.finish(out),
    }
}
