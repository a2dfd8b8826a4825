//! The written file, read again and computed, against the model itself.

mod interpreter;
mod reader;

use super::{ExportError, OnnxOptions, onnx};
use crate::{
    audio::FeatureExtractor,
    checkpoint::{Checkpoint, TensorView, model_files},
    config::{HeadActivation, HeadConfig, HeadStyle, LayerPooling, Pooling},
    data::TargetTransform,
    files::{Disk, Memory},
    model::{HeadStart, SpeechModel, read_back},
    train::{Clip, collate},
};
use burn::tensor::Device;
use interpreter::run;
use reader::Model;

/// A model of the fixtures with a head that is drawn.
fn model(name: &str, head: &HeadConfig, labels: Option<&[String]>) -> Memory {
    let folder = format!(
        "{}/../tests/fixtures/parity/{name}/model",
        env!("CARGO_MANIFEST_DIR")
    );
    let checkpoint = Checkpoint::open(&Disk, &folder).unwrap();
    let mut config = checkpoint.config.clone();
    config.set_head(head, labels, "emotion");
    let order: Vec<usize> = (0..labels.map_or(1, <[String]>::len)).collect();
    let device = Device::flex();
    let (model, _) = SpeechModel::load(
        &checkpoint,
        &config,
        head,
        &order,
        HeadStart::New,
        3,
        &device,
    )
    .unwrap();
    let mut tensors = ready(model.tensors()).unwrap();
    // A drawn head says nearly the same of all; this one does not.
    for tensor in tensors
        .iter_mut()
        .filter(|one| !one.name.starts_with("wav2vec2."))
    {
        for (index, value) in tensor.values.iter_mut().enumerate() {
            *value = *value * 20.0 + (index as f32 * 0.7).sin() * 0.3;
        }
    }
    let views: Vec<TensorView<'_>> = tensors
        .iter()
        .map(|tensor| TensorView {
            name: &tensor.name,
            shape: &tensor.shape,
            values: &tensor.values,
        })
        .collect();
    let mut files = Memory::default();
    let extractor = FeatureExtractor::default().to_json();
    for file in model_files(&config, &extractor, &views).unwrap() {
        let mut bytes = Vec::new();
        file.write_to(&mut bytes).unwrap();
        files.insert(format!("m/{}", file.name), bytes);
    }
    files
}

/// The result of a future that never waits: the processor's device gives everything at once.
fn ready<T>(future: impl Future<Output = T>) -> T {
    let mut context = std::task::Context::from_waker(std::task::Waker::noop());
    match std::pin::pin!(future).poll(&mut context) {
        std::task::Poll::Ready(value) => value,
        std::task::Poll::Pending => panic!("it waits"),
    }
}

fn head(activation: HeadActivation, pooling: Pooling, layer_pooling: LayerPooling) -> HeadConfig {
    HeadConfig {
        style: HeadStyle::Nkululeko,
        layers: Some(vec![12, 7]),
        activation,
        pooling,
        layer_pooling,
        drop: 0.1,
    }
}

fn exported(files: &Memory, extractor: &FeatureExtractor) -> Vec<u8> {
    let checkpoint = Checkpoint::open(files, "m").unwrap();
    let options = OnnxOptions {
        extractor,
        max_duration: Some(8.0),
        transform: &TargetTransform::default(),
    };
    let mut bytes = Vec::new();
    onnx(&checkpoint, &options, &mut bytes).unwrap();
    bytes
}

fn labels(count: usize) -> Vec<String> {
    (0..count).map(|class| format!("c{class}")).collect()
}

/// A wave that is neither centred nor scaled.
fn wave(samples: usize) -> Clip {
    (0..samples)
        .map(|i| 0.1 + (i as f32 * 0.37).sin() * 0.2 + (i as f32 * 0.011).cos() * 0.3)
        .collect()
}

#[test]
fn every_family_and_kind_gives_the_models_logits() {
    use HeadActivation::{LeakyRelu, Relu, Sigmoid, Tanh};
    let cases = [
        (
            "wav2vec2_base",
            Tanh,
            Pooling::Mean,
            LayerPooling::Last,
            true,
        ),
        (
            "wav2vec2_large",
            Relu,
            Pooling::MeanVar,
            LayerPooling::Last,
            true,
        ),
        (
            "hubert_base",
            Sigmoid,
            Pooling::Mean,
            LayerPooling::Weighted,
            false,
        ),
        (
            "hubert_large",
            LeakyRelu,
            Pooling::MeanVar,
            LayerPooling::Weighted,
            true,
        ),
        (
            "wavlm_base",
            Tanh,
            Pooling::MeanVar,
            LayerPooling::Weighted,
            false,
        ),
        (
            "wavlm_large",
            Tanh,
            Pooling::Mean,
            LayerPooling::Weighted,
            true,
        ),
    ];
    let mut cases: Vec<_> = cases
        .into_iter()
        .map(|(name, activation, pooling, layer_pooling, do_normalize)| {
            (name, head(activation, pooling, layer_pooling), do_normalize)
        })
        .collect();
    for (name, style, layer_pooling) in [
        (
            "wavlm_base",
            HeadStyle::SequenceClassification,
            LayerPooling::Weighted,
        ),
        (
            "hubert_base",
            HeadStyle::SequenceClassification,
            LayerPooling::Last,
        ),
        ("wav2vec2_large", HeadStyle::Audeering, LayerPooling::Last),
    ] {
        let projects = style == HeadStyle::SequenceClassification;
        let head = HeadConfig {
            style,
            layers: projects.then(|| vec![11]),
            ..head(Tanh, Pooling::Mean, layer_pooling)
        };
        cases.push((name, head, true));
    }
    for (name, head, do_normalize) in cases {
        let labels = (name != "hubert_large").then(|| labels(3));
        let files = model(name, &head, labels.as_deref());
        let extractor = FeatureExtractor {
            do_normalize,
            ..FeatureExtractor::default()
        };
        let graph = Model::read(&exported(&files, &extractor));
        let checkpoint = Checkpoint::open(&files, "m").unwrap();
        let config = &checkpoint.config;
        let outputs = config.num_labels().unwrap();
        let order: Vec<usize> = (0..outputs).collect();
        let device = Device::flex();
        let (model, report) = SpeechModel::load(
            &checkpoint,
            config,
            &checkpoint.head().unwrap().unwrap(),
            &order,
            HeadStart::Whole,
            0,
            &device,
        )
        .unwrap();
        assert_eq!(report.head, HeadStart::Whole);
        // The graph is one for all lengths.
        for samples in [400, 3333, 9000] {
            let clip = wave(samples);
            let waves = collate(&[Clip::clone(&clip)], &extractor, 400, &device);
            let expected = ready(read_back(model.evaluate(waves))).unwrap();
            let found = run(&graph, &[1, samples], &clip);
            assert_eq!(found.len(), outputs);
            for (a, b) in found.iter().zip(&expected) {
                assert!(
                    (a - b).abs() < 2e-5,
                    "{name} {samples}: {found:?} {expected:?}"
                );
            }
        }
    }
}

#[test]
fn rows_of_a_batch_are_computed_apart() {
    let head = head(HeadActivation::Tanh, Pooling::Mean, LayerPooling::Last);
    let files = model("wavlm_base", &head, Some(&labels(4)));
    let graph = Model::read(&exported(&files, &FeatureExtractor::default()));
    let (a, b) = (wave(2000), wave(5000)[3000..].to_vec());
    let both = run(&graph, &[2, 2000], &[&a[..], &b[..]].concat());
    let apart = [run(&graph, &[1, 2000], &a), run(&graph, &[1, 2000], &b)].concat();
    assert!(both.iter().zip(&apart).all(|(x, y)| (x - y).abs() < 1e-6));
}

#[test]
fn the_file_says_what_it_is() {
    let head = head(HeadActivation::Tanh, Pooling::Mean, LayerPooling::Last);
    let files = model("wav2vec2_base", &head, Some(&labels(2)));
    let model = Model::read(&exported(&files, &FeatureExtractor::default()));
    let note = |key: &str| {
        let found = model.notes.iter().find(|(name, _)| name == key);
        found.map(|(_, value)| value.as_str())
    };
    assert_eq!(note("labels"), Some(r#"["c0","c1"]"#));
    assert_eq!(note("sampling_rate"), Some("16000"));
    assert_eq!(note("max_duration"), Some("8"));
    assert_eq!(
        (model.opset, model.inputs.as_slice()),
        (17, &["waveform".to_owned()][..])
    );
    assert_eq!(model.outputs, ["logits"]);
    // Every value is known before it is used, and has one origin.
    let mut known: Vec<&str> = vec!["waveform"];
    known.extend(model.constants.iter().map(|(name, _)| name.as_str()));
    for node in &model.nodes {
        assert!(
            node.inputs
                .iter()
                .all(|input| known.contains(&input.as_str())),
            "{node:?}"
        );
        assert!(!known.contains(&node.output.as_str()), "{node:?}");
        known.push(&node.output);
    }
}

#[test]
fn what_is_not_known_is_refused() {
    let head = head(HeadActivation::Tanh, Pooling::Mean, LayerPooling::Last);
    let labels = labels(2);
    let refused = |files: &Memory| {
        let checkpoint = Checkpoint::open(files, "m").unwrap();
        let options = OnnxOptions {
            extractor: &FeatureExtractor::default(),
            max_duration: None,
            transform: &TargetTransform::default(),
        };
        let mut bytes = Vec::new();
        onnx(&checkpoint, &options, &mut bytes).unwrap_err()
    };
    let files = model("wav2vec2_base", &head, Some(&labels));
    let text = |files: &Memory| {
        let bytes = crate::files::Files::read(files, "m/config.json").unwrap();
        String::from_utf8(bytes).unwrap()
    };
    let mut other = files.clone();
    let config = text(&files).replace("\"pooling\": \"mean\"", "\"pooling\": \"meanvar\"");
    other.insert("m/config.json", config.into_bytes());
    let error = refused(&other);
    assert!(matches!(error, ExportError::Head { .. }), "{error}");
    assert!(
        error.to_string().contains("`head.net.1` has the shape"),
        "{error}"
    );

    let fixture = concat!(
        env!("CARGO_MANIFEST_DIR"),
        "/../tests/fixtures/parity/wav2vec2_base/model"
    );
    let bare = Checkpoint::open(&Disk, fixture).unwrap();
    let options = OnnxOptions {
        extractor: &FeatureExtractor::default(),
        max_duration: None,
        transform: &TargetTransform::default(),
    };
    let error = onnx(&bare, &options, &mut Vec::new()).unwrap_err();
    assert!(matches!(error, ExportError::NoHead { .. }), "{error}");
}
