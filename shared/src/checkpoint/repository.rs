//! Which files of a repository of the hub a model needs.

use serde_json::Value;
use std::collections::BTreeSet;

/// Weights by preference: what can be read without a pickle comes first.
const WEIGHTS: [&str; 4] = [
    "model.safetensors",
    "model.safetensors.index.json",
    "pytorch_model.bin",
    "pytorch_model.bin.index.json",
];

/// Configuration and preprocessing among `names`.
///
/// # Errors
/// There is no configuration.
pub fn description(names: &BTreeSet<String>) -> Result<Vec<&'static str>, String> {
    if !names.contains("config.json") {
        return Err("it has no config.json".to_owned());
    }
    Ok(["config.json", "preprocessor_config.json"]
        .into_iter()
        .filter(|name| names.contains(*name))
        .collect())
}

/// The file of weights among `names`, or their index.
///
/// # Errors
/// There are none in a known form.
pub fn weights(names: &BTreeSet<String>) -> Result<&'static str, String> {
    WEIGHTS
        .into_iter()
        .find(|name| names.contains(*name))
        .ok_or_else(|| {
            "it has none of model.safetensors, pytorch_model.bin and their indices".to_owned()
        })
}

/// The files that `index`, the text of a `*.index.json`, names.
///
/// # Errors
/// It is no index, or names what is no file beside it.
pub fn shards(index: &str) -> Result<BTreeSet<String>, String> {
    let index: Value = serde_json::from_str(index).map_err(|e| format!("its index: {e}"))?;
    let map = index
        .get("weight_map")
        .and_then(Value::as_object)
        .ok_or("its index has no weight_map")?;
    let shards: BTreeSet<String> = map
        .values()
        .filter_map(|file| file.as_str().map(str::to_owned))
        .collect();
    let plain = |name: &String| {
        !name.starts_with('.')
            && name
                .chars()
                .all(|c| c.is_ascii_alphanumeric() || "-_.".contains(c))
            && (name.ends_with(".safetensors") || name.ends_with(".bin"))
    };
    match shards.iter().find(|name| !plain(name)) {
        Some(odd) => Err(format!(
            "its index names `{odd}`, which is no file of weights"
        )),
        None if shards.is_empty() => Err("its index names no files".to_owned()),
        None => Ok(shards),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn names(list: &[&str]) -> BTreeSet<String> {
        list.iter().map(|name| (*name).to_owned()).collect()
    }

    #[test]
    fn only_what_is_needed_is_chosen() {
        let all = names(&[
            "config.json",
            "flax_model.msgpack",
            "model.safetensors",
            "preprocessor_config.json",
            "pytorch_model.bin",
            "README.md",
            "tf_model.h5",
        ]);
        assert_eq!(
            description(&all).unwrap(),
            ["config.json", "preprocessor_config.json"]
        );
        assert_eq!(weights(&all).unwrap(), "model.safetensors");
        assert_eq!(
            weights(&names(&[
                "pytorch_model.bin",
                "model.safetensors.index.json"
            ]))
            .unwrap(),
            "model.safetensors.index.json"
        );
        assert!(weights(&names(&["tf_model.h5"])).is_err());
        assert!(description(&names(&["model.safetensors"])).is_err());
    }

    #[test]
    fn an_index_names_files_beside_it_and_nothing_else() {
        let found = shards(
            r#"{"weight_map": {"a": "model-00002-of-00002.safetensors", "b": "model-00001-of-00002.safetensors", "c": "model-00001-of-00002.safetensors"}}"#,
        );
        let wanted = names(&[
            "model-00001-of-00002.safetensors",
            "model-00002-of-00002.safetensors",
        ]);
        assert_eq!(found.unwrap(), wanted);
        for wrong in [
            "",
            "{}",
            r#"{"weight_map": {}}"#,
            r#"{"weight_map": {"a": "../x.safetensors"}}"#,
            r#"{"weight_map": {"a": "/etc/x.bin"}}"#,
            r#"{"weight_map": {"a": ".bin"}}"#,
            r#"{"weight_map": {"a": "x.py"}}"#,
        ] {
            assert!(shards(wrong).is_err(), "{wrong}");
        }
    }
}
