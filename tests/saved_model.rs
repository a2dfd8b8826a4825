//! A saved model is the model, to the bit.

use burn::tensor::Device;
use shared::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, TensorView, model_files},
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
    files::{Disk, Memory},
    model::{HeadStart, Noise, SpeechModel},
};
use tests::parity::Case;

const ROOT: &str = concat!(env!("CARGO_MANIFEST_DIR"), "/fixtures/parity");

fn logits(case: &Case, model: &SpeechModel, device: &Device) -> Vec<u32> {
    let logits = model.forward(case.inputs.waves("mask", device), &mut Noise::off());
    let values = logits
        .into_data()
        .try_into_vec::<f32>()
        .expect("logits are f32");
    values.into_iter().map(f32::to_bits).collect()
}

/// The folder that `model` is saved to.
fn saved(
    source: &Checkpoint<'_>,
    model: &SpeechModel,
    head: &HeadConfig,
    labels: &[String],
) -> Memory {
    let mut config = source.config.clone();
    config.set_head(head, Some(labels), "emotion");
    let tensors = pollster::block_on(model.tensors()).expect("tensors can be read back");
    let views: Vec<TensorView<'_>> = tensors
        .iter()
        .map(|tensor| TensorView {
            name: &tensor.name,
            shape: &tensor.shape,
            values: &tensor.values,
        })
        .collect();
    let mut files = Memory::default();
    let written = model_files(&config, &FeatureExtractor::default().to_json(), &views)
        .expect("a model is written to memory");
    for file in written {
        files.insert(format!("saved/{}", file.name), file.to_bytes());
    }
    files
}

#[test]
fn saved_and_loaded_gives_the_same_logits_to_the_bit() {
    let device = Device::flex();
    let labels = ["anger", "fear", "joy", "sadness"].map(str::to_owned);
    let heads = [
        (None, Pooling::Mean, LayerPooling::Last),
        (Some(vec![7, 5]), Pooling::MeanVar, LayerPooling::Weighted),
    ];
    for name in ["wav2vec2_base", "hubert_large", "wavlm_base", "wavlm_large"] {
        let case = Case::open(&Disk, ROOT, name);
        let source = Checkpoint::open(&Disk, &format!("{ROOT}/{name}/model")).unwrap();
        for (layers, pooling, layer_pooling) in heads.clone() {
            let head = HeadConfig {
                style: HeadStyle::Nkululeko,
                layers,
                activation: HeadActivation::LeakyRelu,
                pooling,
                layer_pooling,
                drop: 0.1,
            };
            let (model, report) = SpeechModel::load(
                &source,
                &source.config,
                &head,
                &[0, 1, 2, 3],
                HeadStart::Whole,
                3,
                &device,
            )
            .unwrap();
            assert_eq!(
                report.head,
                HeadStart::New,
                "{name}: the source has no head"
            );

            let files = saved(&source, &model, &head, &labels);
            let again = Checkpoint::open(&files, "saved").unwrap();
            assert!(again.ignored.is_empty(), "{name}: {:?}", again.ignored);
            assert_eq!(again.config.labels().unwrap().unwrap(), labels, "{name}");
            // One layer of the transformer's width is written out.
            let written = HeadConfig {
                style: HeadStyle::Nkululeko,
                layers: head
                    .layers
                    .clone()
                    .or(Some(vec![source.config.hidden_size])),
                ..head.clone()
            };
            assert_eq!(
                again.config.head(HeadStyle::Nkululeko).unwrap(),
                written,
                "{name}"
            );
            // Another seed: nothing may be drawn.
            let (loaded, report) = SpeechModel::load(
                &again,
                &again.config,
                &again.config.head(HeadStyle::Nkululeko).unwrap(),
                &[0, 1, 2, 3],
                HeadStart::Whole,
                4,
                &device,
            )
            .unwrap();
            assert!(
                report.head == HeadStart::Whole && report.drawn.is_empty(),
                "{name}: {report:?}"
            );
            assert_eq!(
                logits(&case, &model, &device),
                logits(&case, &loaded, &device),
                "{name}"
            );
        }
    }
}

#[test]
fn the_first_layers_alone_can_be_saved() {
    let device = Device::flex();
    let case = Case::open(&Disk, ROOT, "wavlm_base");
    let mut source = Checkpoint::open(&Disk, &format!("{ROOT}/wavlm_base/model")).unwrap();
    source.config.num_hidden_layers = 1;
    let head = HeadConfig {
        style: HeadStyle::Nkululeko,
        layers: None,
        activation: HeadActivation::Tanh,
        pooling: Pooling::Mean,
        layer_pooling: LayerPooling::Last,
        drop: 0.0,
    };
    let (model, _) = SpeechModel::load(
        &source,
        &source.config,
        &head,
        &[0, 1],
        HeadStart::Whole,
        1,
        &device,
    )
    .unwrap();
    let files = saved(&source, &model, &head, &["a".to_owned(), "b".to_owned()]);
    let again = Checkpoint::open(&files, "saved").unwrap();
    assert_eq!(again.config.num_hidden_layers, 1);
    let (loaded, _) = SpeechModel::load(
        &again,
        &again.config,
        &head,
        &[0, 1],
        HeadStart::Whole,
        2,
        &device,
    )
    .unwrap();
    assert_eq!(
        logits(&case, &model, &device),
        logits(&case, &loaded, &device)
    );
}
