//! Heads of transformers' classes and audEERING's against Python, loaded and saved.

use super::{Checks, Reference, Tolerance};
use burn::tensor::{Device, Tensor};
use shared::{
    checkpoint::{Checkpoint, TensorView, model_files},
    config::{HeadConfig, HeadStyle},
    files::{Files, Memory},
    model::{HeadStart, Noise, SpeechModel},
};

async fn read(tensor: Tensor<2>) -> Vec<f32> {
    let data = tensor.into_data_async().await.expect("a readable tensor");
    data.try_into_vec().expect("f32")
}

fn load(checkpoint: &Checkpoint<'_>, order: &[usize], device: &Device) -> (SpeechModel, HeadStart) {
    let head = checkpoint.head().expect("valid").expect("a head");
    let config = &checkpoint.config;
    let wanted = HeadStart::Whole;
    let (model, report) =
        SpeechModel::load(checkpoint, config, &head, order, wanted, 9, device).expect("readable");
    assert!(report.drawn.is_empty(), "{:?}", report.drawn);
    (model, report.head)
}

/// Compares the logits of the case `name` below `root/heads` with the reference, also after saving
/// and loading it again, and with the outputs in another order.
pub async fn check_head(
    files: &dyn Files,
    root: &str,
    name: &str,
    tolerance: Tolerance,
    device: &Device,
) -> Checks {
    let mut checks = Checks::default();
    let folder = format!("{root}/heads/{name}");
    let inputs = Reference::read(files, &format!("{root}/parity/inputs.safetensors"));
    let expected = Reference::read(files, &format!("{folder}/expected.safetensors"));
    let checkpoint = Checkpoint::open(files, &folder).expect("a model");
    assert!(checkpoint.ignored.is_empty(), "{:?}", checkpoint.ignored);
    assert_eq!(checkpoint.outputs(), Some(3));
    let (model, start) = load(&checkpoint, &[0, 1, 2], device);
    assert_eq!(start, HeadStart::Whole);

    let saved = save(&checkpoint, &model).await;
    let again = Checkpoint::open(&saved, "saved").expect("a saved model");
    assert_eq!(
        again.head().expect("valid"),
        checkpoint.head().expect("valid")
    );
    let class = |checkpoint: &Checkpoint<'_>| checkpoint.config.raw("architectures").cloned();
    assert_eq!(class(&again), class(&checkpoint));
    let names = |files: &dyn Files, folder: &str| -> Vec<String> {
        let path = format!("{folder}/model.safetensors");
        let tensors = shared::checkpoint::Tensors::open_safetensors(files, &path);
        let tensors = tensors.expect("a file of tensors");
        let mut names: Vec<String> = tensors.names().map(str::to_owned).collect();
        names.sort();
        names
    };
    assert_eq!(names(&saved, "saved"), names(files, &folder));
    let (loaded, start) = load(&again, &[0, 1, 2], device);
    assert_eq!(start, HeadStart::Whole);
    let (turned, _) = load(&again, &[2, 0], device);

    for kind in ["mask", "single"] {
        let Some(wanted) = expected.get(&format!("{kind}.logits")) else {
            continue;
        };
        // Python convolves the padding of a batch, evaluation does not.
        let (waves, noise) = (|| inputs.waves(kind, device), &mut Noise::off());
        let logits = read(model.forward(waves(), noise)).await;
        checks.absolute(&format!("{kind}.logits"), &logits, wanted, tolerance.logits);
        let found = read(loaded.forward(waves(), noise)).await;
        checks.absolute(&format!("{kind}.saved.logits"), &found, &logits, 0.0);
        let found = read(turned.forward(waves(), noise)).await;
        let rows = logits.chunks(3).flat_map(|row| [row[2], row[0]]);
        let rows: Vec<f32> = rows.collect();
        checks.absolute(&format!("{kind}.turned.logits"), &found, &rows, 1e-6);
    }

    // Outputs that are not there begin anew, over the layers that are.
    let (_, start) = load(&checkpoint, &[0, 1, 2, 3], device);
    assert_eq!(start, HeadStart::Hidden);
    checks
}

async fn save(source: &Checkpoint<'_>, model: &SpeechModel) -> Memory {
    let mut config = source.config.clone();
    let head: HeadConfig = source.head().expect("valid").expect("a head");
    let labels = ["anger", "joy", "neutral"].map(str::to_owned);
    match head.style {
        // Several values are nothing that is trained here, so the source's words stay.
        HeadStyle::Audeering => {}
        _ => config.set_head(&head, Some(&labels), "emotion"),
    }
    let tensors = model.tensors().await.expect("readable parameters");
    let views: Vec<TensorView<'_>> = tensors
        .iter()
        .map(|tensor| TensorView {
            name: &tensor.name,
            shape: &tensor.shape,
            values: &tensor.values,
        })
        .collect();
    let mut files = Memory::default();
    for file in model_files(&config, "{}", &views).expect("a model") {
        files.insert(format!("saved/{}", file.name), file.to_bytes());
    }
    files
}
