//! The reference's files.

use burn::tensor::{Device, Tensor, TensorData};
use safetensors::{Dtype, SafeTensors};
use serde_json::Value;
use shared::{
    checkpoint::Checkpoint,
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
    files::Files,
    model::{HeadStart, LoadReport, Parameters, SpeechModel, Waves},
    with_param,
};
use std::collections::BTreeMap;

/// Which of a case's two folders with the same weights.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Layout {
    /// As saved today.
    Model,
    /// As old files on the hub.
    Legacy,
}

/// A file's tensors as f32.
pub struct Reference(BTreeMap<String, (Vec<usize>, Vec<f32>)>);

impl Reference {
    /// Reads a safetensors file.
    pub fn read(files: &dyn Files, path: &str) -> Self {
        let bytes = files
            .read(path)
            .unwrap_or_else(|error| panic!("{path}: {error}"));
        let tensors =
            SafeTensors::deserialize(&bytes).unwrap_or_else(|error| panic!("{path}: {error}"));
        let read = tensors.tensors().into_iter().map(|(name, view)| {
            let data = view.data();
            let values = match view.dtype() {
                Dtype::F32 => data
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|b| f32::from_le_bytes(*b))
                    .collect(),
                Dtype::I32 => data
                    .as_chunks::<4>()
                    .0
                    .iter()
                    .map(|b| i32::from_le_bytes(*b) as f32)
                    .collect(),
                Dtype::U8 => data.iter().map(|b| f32::from(*b)).collect(),
                other => panic!("{path}: {name} is {other:?}"),
            };
            (name, (view.shape().to_vec(), values))
        });
        Self(read.collect())
    }

    /// The values of a tensor that must be there.
    pub fn values(&self, name: &str) -> &[f32] {
        &self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("the reference has no {name}"))
            .1
    }

    /// The shape of a tensor that must be there.
    pub fn shape(&self, name: &str) -> &[usize] {
        &self
            .0
            .get(name)
            .unwrap_or_else(|| panic!("the reference has no {name}"))
            .0
    }

    /// The values of a tensor, if it is there.
    pub fn get(&self, name: &str) -> Option<&[f32]> {
        self.0.get(name).map(|(_, values)| values.as_slice())
    }

    /// Names that begin with `prefix`, without it.
    pub fn names<'a>(&'a self, prefix: &'a str) -> impl Iterator<Item = &'a str> {
        self.0
            .keys()
            .filter_map(move |name| name.strip_prefix(prefix))
    }

    /// `{kind}.input_values` with the lengths of `{kind}.attention_mask`, if there is one.
    pub fn waves(&self, kind: &str, device: &Device) -> Waves {
        let name = format!("{kind}.input_values");
        let shape = self.shape(&name);
        let (rows, samples) = (shape[0], shape[1]);
        let data = TensorData::new(self.values(&name).to_vec(), [rows, samples]);
        let lengths = self.get(&format!("{kind}.attention_mask")).map(|mask| {
            mask.chunks(samples)
                .map(|row| row.iter().sum::<f32>() as usize)
                .collect()
        });
        Waves {
            samples: Tensor::from_data(data, device),
            lengths,
        }
    }
}

/// One tiny model with everything that the reference computed of it.
pub struct Case {
    /// Folder name.
    pub name: String,
    /// Inputs that all models share.
    pub inputs: Reference,
    /// Tensors.
    pub expected: Reference,
    /// Numbers.
    pub numbers: Value,
    folder: String,
}

impl Case {
    /// Opens the case `name` below `root`.
    pub fn open(files: &dyn Files, root: &str, name: &str) -> Self {
        let folder = format!("{root}/{name}");
        let numbers = files
            .read(&format!("{folder}/expected.json"))
            .expect("expected.json");
        Self {
            name: name.to_owned(),
            inputs: Reference::read(files, &format!("{root}/inputs.safetensors")),
            expected: Reference::read(files, &format!("{folder}/expected.safetensors")),
            numbers: serde_json::from_slice(&numbers).expect("expected.json is JSON"),
            folder,
        }
    }

    /// The case's model with the reference's head (`cls` or `reg`), and what the files lacked.
    pub fn model(
        &self,
        files: &dyn Files,
        layout: Layout,
        head: &str,
        device: &Device,
    ) -> (SpeechModel, LoadReport) {
        let folder = match layout {
            Layout::Model => "model",
            Layout::Legacy => "legacy",
        };
        let checkpoint = Checkpoint::open(files, &format!("{}/{folder}", self.folder))
            .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        let outputs = self.expected.shape(&format!("head.{head}.net.4.bias"))[0];
        let config = HeadConfig {
            style: HeadStyle::Nkululeko,
            layers: None,
            activation: HeadActivation::Tanh,
            pooling: Pooling::Mean,
            layer_pooling: LayerPooling::Last,
            drop: 0.0,
        };
        let (mut model, report) = SpeechModel::load(
            &checkpoint,
            &checkpoint.config,
            &config,
            &(0..outputs).collect::<Vec<_>>(),
            HeadStart::New,
            1,
            device,
        )
        .unwrap_or_else(|error| panic!("{}: {error}", self.name));
        model
            .head
            .visit(&format!("head.{head}"), &mut |name, param| {
                let values = self.expected.values(name).to_vec();
                with_param!(param, tensor => {
                    *tensor = Tensor::from_data(TensorData::new(values, tensor.dims()), device);
                });
            });
        (model, report)
    }
}
