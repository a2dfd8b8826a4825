//! The comparison of a small model with the reference: the same checks that run natively.

use crate::message::{Reply, Request, post};
use shared::{config::DeviceChoice, train::open_device};
use tests::kernels::check_kernels;
use tests::parity::{Case, Layout, Tolerance, check_forward, check_gradients};

/// How far operations may be from the processor's, relative to the largest value.
const OPERATIONS: f64 = 1e-5;

/// Compares forward pass and gradients; posts each part as it comes, and gives the last word.
pub(crate) async fn compare(request: Request) -> Reply {
    let Request {
        device,
        case,
        files,
    } = request;
    let tolerance = if device == DeviceChoice::Cpu {
        Tolerance::CPU
    } else {
        Tolerance::GPU
    };
    let (device, info) = match open_device(device).await {
        Ok(opened) => opened,
        Err(error) => {
            return Reply::Failed {
                message: error.to_string(),
            };
        }
    };
    let checks = check_kernels(&device, OPERATIONS).await;
    post(&Reply::compared("operations", &checks));
    let case = Case::open(&files, "", &case);
    let checks = check_forward(&case, &files, Layout::Model, tolerance, &device).await;
    post(&Reply::compared("forward", &checks));
    for kind in ["ce", "ccc"] {
        let checks = check_gradients(&case, &files, kind, tolerance, &device).await;
        post(&Reply::compared(format!("{kind} gradients"), &checks));
    }
    Reply::Done { device: info.name }
}
