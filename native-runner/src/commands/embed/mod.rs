//! `voxtune embed`

mod file;
mod stretches;

use super::{devices::choice, model};
use crate::failure::ExitCode;
use crate::{cli::Embed, failure::WrongArgument, local::Local, progress};
use anyhow::{Context, bail};
use burn::tensor::{Device, Tensor};
use file::StatesFile;
use shared::{
    audio::{self, FeatureExtractor, Limits, RATE, Stretch, Window},
    checkpoint::ModelConfig,
    model::{Encoder, Hidden, Noise},
    train::{Clip, collate, open_device},
};
use stretches::Stretches;

/// Which hidden states are wanted.
enum Wanted {
    Last,
    Layer(usize),
    All,
}

/// A recording that is to be embedded.
struct Recording {
    name: String,
    stretches: Stretches,
}

/// What computes hidden states.
struct Engine {
    encoder: Encoder,
    config: ModelConfig,
    extractor: FeatureExtractor,
    device: Device,
    wanted: Wanted,
}

pub(crate) fn embed(args: &Embed) -> anyhow::Result<ExitCode> {
    let (device, _) = pollster::block_on(open_device(choice(&args.device)?))?;
    let mut checkpoint = model::open(&args.model)?;
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
    if let Some(window) = args.window
        && !(0.1..=stretches::LONGEST).contains(&window)
    {
        let message = format!("--window {window}: seconds, 0.1 to {}", stretches::LONGEST);
        return Err(WrongArgument(message).into());
    }
    let config = checkpoint.config.clone();
    if let Wanted::Layer(layer) = wanted {
        // What stands above is neither read nor computed.
        checkpoint.config.num_hidden_layers = layer;
    }
    let engine = Engine {
        encoder: Encoder::load(&checkpoint, &device)?,
        config,
        extractor,
        device,
        wanted,
    };
    let recordings = args
        .files
        .iter()
        .map(|file| {
            let name = file
                .to_str()
                .with_context(|| format!("{}: the path is not UTF-8", file.display()))?;
            let samples = audio::probe(&Local, name, &Limits::default())?.samples();
            Ok(Recording {
                name: name.to_owned(),
                stretches: Stretches::new(name, samples, args.window, &engine.config)?,
            })
        })
        .collect::<anyhow::Result<Vec<Recording>>>()?;

    let width = engine.config.hidden_size;
    let shape = |frames: usize| match args.pooled {
        true => vec![width],
        false => vec![frames, width],
    };
    let names = engine.names();
    let mut file = StatesFile::create(
        &args.out,
        recordings.iter().flat_map(|recording| {
            let shape = shape(recording.stretches.frames);
            let names = names.iter();
            names.map(move |name| (format!("{}/{name}", recording.name), shape.clone()))
        }),
    )?;
    let bar = progress::counter(recordings.len() as u64, "files");
    for recording in &recordings {
        engine.embed(recording, args.pooled, &mut file)?;
        bar.inc(1);
    }
    bar.finish_and_clear();
    let tensors = file.finish()?;
    errln!(
        "{tensors} tensors of {} files in {}",
        args.files.len(),
        args.out.display()
    );
    Ok(ExitCode::SUCCESS)
}

impl Engine {
    /// Writes the states of one recording, stretch by stretch.
    fn embed(
        &self,
        recording: &Recording,
        pooled: bool,
        file: &mut StatesFile,
    ) -> anyhow::Result<()> {
        let name = &recording.name;
        let mut sums: Vec<Vec<f64>> = vec![Vec::new(); self.names().len()];
        let mut done = 0;
        for &(from, to) in &recording.stretches.samples {
            let hidden = self.hidden(name, from, to)?;
            let mut frames = 0;
            for ((layer, state), sum) in self.states(hidden).into_iter().zip(&mut sums) {
                let [_, time, width] = state.dims();
                frames = time;
                let state = state.reshape([time * width]);
                let values = pollster::block_on(state.into_data_async())?
                    .try_into_vec::<f32>()
                    .map_err(|e| anyhow::anyhow!("{e:?}"))?;
                if values.iter().any(|value| !value.is_finite()) {
                    bail!(
                        "{name}: {layer} is not finite: the model computes infinities for this file"
                    );
                }
                if pooled {
                    sum.resize(width, 0.0);
                    for frame in values.chunks_exact(width) {
                        sum.iter_mut()
                            .zip(frame)
                            .for_each(|(sum, x)| *sum += f64::from(*x));
                    }
                } else {
                    file.write(&format!("{name}/{layer}"), done * width, &values)?;
                }
            }
            done += frames;
        }
        if done != recording.stretches.frames {
            bail!(
                "{name}: {done} frames instead of {}: the file has changed meanwhile",
                recording.stretches.frames
            );
        }
        if pooled {
            for (layer, sum) in self.names().iter().zip(sums) {
                let mean: Vec<f32> = sum.iter().map(|sum| (sum / done as f64) as f32).collect();
                file.write(&format!("{name}/{layer}"), 0, &mean)?;
            }
        }
        Ok(())
    }

    /// The states of a stretch, in samples at 16 kHz.
    fn hidden(&self, name: &str, from: u64, to: u64) -> anyhow::Result<Hidden> {
        let seconds = |samples: u64| samples as f64 / f64::from(RATE);
        let stretch = Stretch {
            file: name,
            start: seconds(from),
            end: Some(seconds(to)),
        };
        let clip = audio::read_clip(&Local, stretch, None, Window::Head, &Limits::default())?;
        let samples: Clip = clip.samples.into();
        let shortest = self.config.receptive_field();
        let waves = collate(&[samples], &self.extractor, shortest, &self.device);
        let all = matches!(self.wanted, Wanted::All);
        Ok(self.encoder.forward(waves, all, &mut Noise::off()))
    }

    /// Names of the wanted states.
    fn names(&self) -> Vec<String> {
        match self.wanted {
            Wanted::Last => vec!["last_hidden_state".to_owned()],
            Wanted::Layer(layer) => vec![format!("layer.{layer}")],
            Wanted::All => (0..=self.config.num_hidden_layers)
                .map(|layer| format!("layer.{layer}"))
                .chain(["last_hidden_state".to_owned()])
                .collect(),
        }
    }

    /// The wanted states by name. A layer's state is its raw output; where the model has a final norm
    /// (stable kind), only `last_hidden_state` stands behind it.
    fn states(&self, hidden: Hidden) -> Vec<(String, Tensor<3>)> {
        let states = match self.wanted {
            Wanted::Last => vec![hidden.last],
            // The encoder ends with this layer.
            Wanted::Layer(_) => hidden.states.into_iter().last().into_iter().collect(),
            Wanted::All => hidden.states.into_iter().chain([hidden.last]).collect(),
        };
        self.names().into_iter().zip(states).collect()
    }
}
