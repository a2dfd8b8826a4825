//! Fine-tuning: batches to losses to steps, with evaluation and the choice of the best.
//!
//! [`train`] is the one loop, asynchronous so that it runs in a browser's worker as well. What it
//! needs of the world (clips, the clock, a wish to stop) comes in through [`Surroundings`].

mod batch;
mod device;
mod evaluate;
mod frozen;
mod keep;
mod loss;
mod loss_scale;
mod optimizer;
mod plan;
mod schedule;
mod surroundings;
mod trainer;

pub use batch::collate;
pub use device::{DeviceError, DeviceInfo, devices, open_device};
pub use evaluate::{Evaluation, Evaluator, evaluate, predict, prediction_set, targets};
pub use frozen::{Frozen, FrozenStats, Room, Store};
pub use keep::{Keep, KeepNothing, Resume, Snapshot, Standing};
pub use loss::{Loss, Targets, class_weights};
pub use loss_scale::LossScale;
pub use optimizer::{AdamW, Moment, Moments, Optimizer, Rates};
pub use plan::Plan;
pub use schedule::Schedule;
pub use surroundings::{Breath, Clip, ClipError, ClipRequest, Clips, Surroundings};
pub use trainer::{Best, TrainError, Trained, Training, train};
