//! Layers that are computed twice give the same gradients, to the bit.

use burn::tensor::{Device, Gradients};
use shared::{
    checkpoint::Checkpoint,
    config::{HeadKeys, HeadStyle, LayerPooling, Lora, LoraTarget, LossKind},
    files::Disk,
    model::{HeadStart, Noise, SpeechModel, Waves},
    train::{AdamW, Loss, Optimizer, Targets},
};
use std::collections::BTreeMap;
use tests::parity::Reference;

const FIXTURES: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures");

/// Gradients by name, as bits.
fn bits(model: &mut SpeechModel, gradients: Gradients) -> BTreeMap<String, Vec<u32>> {
    let mut optimizer = Optimizer::new(AdamW::default());
    optimizer.accumulate(model, gradients);
    let read = |(name, gradient): (&str, &burn::tensor::Tensor<1>)| {
        let values = gradient.clone().into_data().try_into_vec::<f32>();
        let values = values.expect("f32").into_iter().map(f32::to_bits);
        (name.to_owned(), values.collect())
    };
    optimizer.gradients().map(read).collect()
}

fn compare(what: &str, model: &mut SpeechModel, waves: &dyn Fn() -> Waves) {
    let loss = Loss::new(LossKind::Cross, None, 0.0);
    let rows = waves().samples.dims()[0];
    let targets = Targets::Classes((0..rows).map(|row| row % 2).collect());
    for micro in 0..3 {
        let mut found = Vec::new();
        for recompute in [false, true] {
            let mut noise = Noise::seeded(5, micro);
            let loss = |logits| loss.forward(logits, &targets);
            let (value, gradients) = model.gradients(waves(), &mut noise, recompute, loss);
            let value: f32 = value.into_scalar();
            // What is drawn next is the same, too.
            let next = noise.uniform().expect("in training").to_bits();
            found.push((value.to_bits(), next, bits(model, gradients)));
        }
        let [kept, twice] = [&found[0], &found[1]];
        assert_eq!(
            (kept.0, kept.1),
            (twice.0, twice.1),
            "{what}: loss and noise"
        );
        let names = |found: &BTreeMap<String, Vec<u32>>| found.keys().cloned().collect::<Vec<_>>();
        assert_eq!(names(&kept.2), names(&twice.2), "{what}");
        for (name, gradient) in &kept.2 {
            assert!(*gradient == twice.2[name], "{what}: {name}");
        }
        assert!(!kept.2.is_empty());
    }
}

#[test]
fn gradients_are_the_same_to_the_bit() {
    let device = Device::flex();
    let inputs = Reference::read(&Disk, &format!("{FIXTURES}/parity/inputs.safetensors"));
    let waves = || inputs.waves("train", &device);
    for name in ["wav2vec2_base", "hubert_large", "wavlm_base", "wavlm_large"] {
        let folder = format!("{FIXTURES}/parity/{name}/model");
        let checkpoint = Checkpoint::open(&Disk, &folder).expect("a model");
        let mut config = checkpoint.config.clone();
        config.hidden_dropout = 0.2;
        config.attention_dropout = 0.1;
        config.activation_dropout = 0.1;
        config.layerdrop = 0.4;
        config.apply_spec_augment = true;
        config.mask_time_prob = 0.3;
        for (style, layer_pooling) in [
            (HeadStyle::Nkululeko, LayerPooling::Last),
            (HeadStyle::Nkululeko, LayerPooling::Weighted),
            (HeadStyle::SequenceClassification, LayerPooling::Weighted),
        ] {
            let keys = HeadKeys {
                style: Some(style),
                layers: None,
                activation: None,
                pooling: None,
                layer_pooling: Some(layer_pooling),
                drop: 0.1,
            };
            let head = keys.over(None);
            let load = || {
                let wanted = HeadStart::New;
                let loaded =
                    SpeechModel::load(&checkpoint, &config, &head, &[0, 1], wanted, 3, &device);
                loaded.expect("readable").0
            };
            let what = |how: &str| format!("{name}, {style:?}, {layer_pooling:?}, {how}");
            for (freeze_cnn, freeze_layers) in [(true, 0), (false, 0), (true, 1)] {
                let mut model = load();
                model
                    .set_trained(freeze_cnn, freeze_layers)
                    .expect("layers");
                let how = format!("freeze {freeze_cnn} {freeze_layers}");
                compare(&what(&how), &mut model, &waves);
            }
            let lora = Lora {
                rank: 2,
                alpha: 2.0,
                targets: LoraTarget::ALL.to_vec(),
                dropout: 0.2,
            };
            for freeze_layers in [0, 1] {
                let mut model = load();
                model
                    .add_low_rank(&lora, freeze_layers, 1)
                    .expect("a layer");
                compare(&what("LoRA"), &mut model, &waves);
            }
        }
    }
}
