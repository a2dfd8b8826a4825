//! `voxtune embed`

use super::{devices::choice, model};
use crate::{cli::Embed, progress};
use anyhow::{Context, bail};
use burn::tensor::Tensor;
use safetensors::{Dtype, tensor::TensorView};
use shared::{
    audio::{self, Limits, Stretch, Window},
    files::Disk,
    model::{Encoder, Hidden, Noise},
    train::{collate, open_device},
};
use std::{collections::BTreeMap, fs, process::ExitCode, sync::Arc};

/// Which hidden states are wanted.
enum Wanted {
    Last,
    Layer(usize),
    All,
}

pub(crate) fn embed(args: &Embed) -> anyhow::Result<ExitCode> {
    let (device, _) = pollster::block_on(open_device(choice(&args.device)?))?;
    let checkpoint = model::open(&args.model)?;
    let extractor = model::extractor(&checkpoint)?;
    let depth = checkpoint.config.num_hidden_layers;
    let wanted = match args.layer.as_deref() {
        None => Wanted::Last,
        Some("all") => Wanted::All,
        Some(text) => match text.parse() {
            Ok(layer) if layer <= depth => Wanted::Layer(layer),
            _ => bail!("--layer {text}: the model has layers 0 to {depth}, or `all`"),
        },
    };
    let encoder = Encoder::load(&checkpoint, &device)?;

    let mut tensors: BTreeMap<String, (Vec<usize>, Vec<u8>)> = BTreeMap::new();
    let bar = progress::counter(args.files.len() as u64, "files");
    for file in &args.files {
        let name = file
            .to_str()
            .with_context(|| format!("{}: the path is not UTF-8", file.display()))?;
        let stretch = Stretch {
            file: name,
            start: 0.0,
            end: None,
        };
        let clip = audio::read_clip(&Disk, stretch, None, Window::Head, &Limits::default())?;
        let samples: Arc<[f32]> = clip.samples.into();
        let waves = collate(
            &[samples],
            &extractor,
            checkpoint.config.receptive_field(),
            &device,
        );
        let hidden = encoder.forward(waves, true, &mut Noise::off());
        for (layer, state) in states(&wanted, hidden) {
            let [_, frames, width] = state.dims();
            let (shape, state) = if args.pooled {
                (vec![width], state.mean_dim(1).reshape([width]))
            } else {
                (vec![frames, width], state.reshape([frames * width]))
            };
            let values = pollster::block_on(state.into_data_async())?
                .try_into_vec::<f32>()
                .map_err(|e| anyhow::anyhow!("{e:?}"))?;
            if values.iter().any(|value| !value.is_finite()) {
                bail!("{name}: {layer} is not finite: the model computes infinities for this file");
            }
            let bytes = values.iter().flat_map(|v| v.to_le_bytes()).collect();
            tensors.insert(format!("{name}/{layer}"), (shape, bytes));
        }
        bar.inc(1);
    }
    bar.finish_and_clear();

    let views = tensors
        .iter()
        .map(|(name, (shape, bytes))| {
            Ok((name, TensorView::new(Dtype::F32, shape.clone(), bytes)?))
        })
        .collect::<Result<Vec<_>, safetensors::SafeTensorError>>()?;
    let bytes = safetensors::serialize(views, None)?;
    fs::write(&args.out, bytes).with_context(|| format!("cannot write {}", args.out.display()))?;
    eprintln!(
        "{} tensors of {} files in {}",
        tensors.len(),
        args.files.len(),
        args.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

/// The wanted states by name. A layer's state is its raw output; where the model has a final norm
/// (stable kind), only `last_hidden_state` stands behind it.
fn states(wanted: &Wanted, hidden: Hidden) -> Vec<(String, Tensor<3>)> {
    let named = |(i, state): (usize, Tensor<3>)| (format!("layer.{i}"), state);
    let last = ("last_hidden_state".to_owned(), hidden.last);
    match wanted {
        Wanted::Last => vec![last],
        Wanted::Layer(layer) => hidden
            .states
            .into_iter()
            .enumerate()
            .skip(*layer)
            .take(1)
            .map(named)
            .collect(),
        Wanted::All => hidden
            .states
            .into_iter()
            .enumerate()
            .map(named)
            .chain([last])
            .collect(),
    }
}
