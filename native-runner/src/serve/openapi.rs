//! The description of the interface, made from the table of operations and the types themselves.

use super::{Problem, route::Routes};
use axum::Json;
use schemars::{SchemaGenerator, generate::SchemaSettings};
use serde_json::{Map, Value, json};
use shared::protocol::{
    self, Access, Answer, Body, In, Operation, PROBLEM_TYPE, Param, ProblemKind, operations,
};
use std::collections::{BTreeMap, BTreeSet};

/// What is answered here.
pub(crate) fn routes() -> Routes {
    Routes::new().on(&operations::OPENAPI, answer)
}

async fn answer() -> Result<Json<Value>, Problem> {
    Ok(Json(description()))
}

/// OpenAPI 3.1 of all operations.
pub(crate) fn description() -> Value {
    let mut generator = SchemaSettings::draft2020_12()
        .with(|settings| settings.definitions_path = "/components/schemas".into())
        .into_generator();
    let problem = generator.subschema_for::<protocol::Problem>();
    let mut paths: BTreeMap<String, Map<String, Value>> = BTreeMap::new();
    for operation in operations::ALL {
        let described = describe(operation, &mut generator);
        let path = operation.path.replace("{*", "{");
        let method = operation.method.word().to_ascii_lowercase();
        paths.entry(path).or_default().insert(method, described);
    }
    let problems: Map<String, Value> = ProblemKind::ALL
        .iter()
        .map(|kind| {
            let content = json!({ (PROBLEM_TYPE): { "schema": problem } });
            let answer = json!({ "description": kind.title(), "content": content });
            (name(*kind), answer)
        })
        .collect();
    let mut description = json!({
        "openapi": "3.1.0",
        "info": {
            "title": "Voxtune",
            "version": env!("CARGO_PKG_VERSION"),
            "summary": "Fine-tuning speech transformers on a machine with a GPU.",
            "license": { "name": "MIT OR Apache-2.0", "identifier": "MIT OR Apache-2.0" },
        },
        "paths": paths,
        "components": {
            "schemas": generator.take_definitions(true),
            "responses": problems,
            "securitySchemes": {
                "token": { "type": "http", "scheme": "bearer" },
            },
        },
        "security": [{ "token": [] }],
    });
    bound(&mut description);
    description
}

/// Says of every whole number how large it may be, which `format` tells to people only.
fn bound(value: &mut Value) {
    match value {
        Value::Object(object) => {
            let bounds: Option<(Value, Value)> = match object.get("format").and_then(Value::as_str)
            {
                Some("uint8") => Some((0.into(), u8::MAX.into())),
                Some("uint16") => Some((0.into(), u16::MAX.into())),
                Some("uint32") => Some((0.into(), u32::MAX.into())),
                Some("int32") => Some((i32::MIN.into(), i32::MAX.into())),
                Some("uint64" | "uint") => Some((0.into(), u64::MAX.into())),
                _ => None,
            };
            if let Some((least, most)) = bounds {
                object.entry("minimum").or_insert(least);
                object.entry("maximum").or_insert(most);
            }
            object.values_mut().for_each(bound);
        }
        Value::Array(values) => values.iter_mut().for_each(bound),
        _ => {}
    }
}

fn describe(operation: &Operation, generator: &mut SchemaGenerator) -> Value {
    let mut described = json!({
        "operationId": operation.id,
        "tags": [operation.topic],
        "summary": operation.summary,
        "parameters": operation.params.iter().map(|param| parameter(operation, param, generator)).collect::<Vec<_>>(),
        "responses": answers(operation, generator),
    });
    if let Some(content) = content(operation.request, generator) {
        described["requestBody"] = json!({ "required": true, "content": content });
    }
    if operation.access == Access::Open {
        described["security"] = json!([]);
    }
    described
}

fn parameter(operation: &Operation, param: &Param, generator: &mut SchemaGenerator) -> Value {
    let place = match param.place {
        In::Path => "path",
        In::Query => "query",
        In::Header => "header",
    };
    let mut described = json!({
        "name": param.name,
        "in": place,
        "description": param.text,
        "schema": (param.schema)(generator),
    });
    if param.required {
        described["required"] = true.into();
    }
    // What OpenAPI has no word for: the rest of a path, with its `/`.
    if operation.path.contains(&format!("{{*{}}}", param.name)) {
        described["x-rest-of-path"] = true.into();
    }
    described
}

fn answers(operation: &Operation, generator: &mut SchemaGenerator) -> Map<String, Value> {
    let mut answers = Map::new();
    for Answer { status, text, body } in operation.answers {
        let mut described = json!({ "description": text });
        if let Some(content) = content(*body, generator) {
            described["content"] = content;
        }
        answers.insert(status.to_string(), described);
    }
    // Kinds with one status share an answer; the first names it.
    let mut seen = BTreeSet::new();
    let kinds: BTreeMap<u16, ProblemKind> = problems(operation)
        .into_iter()
        .filter(|kind| seen.insert(kind.status()))
        .map(|kind| (kind.status(), kind))
        .collect();
    for (status, kind) in kinds {
        let reference = format!("#/components/responses/{}", name(kind));
        answers
            .entry(status.to_string())
            .or_insert_with(|| json!({ "$ref": reference }));
    }
    answers
}

/// The kinds of problems that an operation may answer with.
fn problems(operation: &Operation) -> Vec<ProblemKind> {
    let mut kinds = operation.problems.to_vec();
    // Of every request: its form, and whom it comes from; and what may always go wrong.
    kinds.extend([
        ProblemKind::BadRequest,
        ProblemKind::Forbidden,
        ProblemKind::Internal,
    ]);
    if operation.access != Access::Open || kinds.contains(&ProblemKind::TooMany) {
        kinds.extend([ProblemKind::Unauthorized, ProblemKind::TooMany]);
    }
    if !matches!(operation.request, Body::None) {
        kinds.extend([
            ProblemKind::TooLarge,
            ProblemKind::UnsupportedMediaType,
            ProblemKind::Unprocessable,
        ]);
    }
    if !operation.method.is_safe() {
        kinds.push(ProblemKind::OutOfSpace);
    }
    kinds
}

fn content(body: Body, generator: &mut SchemaGenerator) -> Option<Value> {
    let media = body.media_type()?;
    let schema = match body {
        Body::None => return None,
        Body::Json(schema) => schema(generator).to_value(),
        Body::Events(schema) => json!({
            "type": "string",
            "description": "Server-sent events; the data of each is JSON.",
            "contentMediaType": "application/json",
            "contentSchema": schema(generator),
        }),
        Body::Bytes(_) => json!({}),
    };
    Some(json!({ (media): { "schema": schema } }))
}

/// The word of a kind of problem.
fn name(kind: ProblemKind) -> String {
    match serde_json::to_value(kind) {
        Ok(Value::String(word)) => word,
        _ => String::new(),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_description() {
        insta::assert_json_snapshot!("openapi", description());
    }

    #[test]
    fn every_parameter_of_a_path_is_described_and_every_reference_leads_somewhere() {
        let description = description();
        for operation in operations::ALL {
            let described: Vec<&str> = operation
                .params
                .iter()
                .filter(|param| param.place == In::Path)
                .map(|param| param.name)
                .collect();
            let written: Vec<&str> = operation
                .path
                .split(['{', '}'])
                .skip(1)
                .step_by(2)
                .map(|name| name.trim_start_matches('*'))
                .collect();
            assert_eq!(described, written, "{operation:?}");
        }
        let text = description.to_string();
        for reference in text.split("\"$ref\":\"#").skip(1) {
            let pointer = reference.split('"').next().expect("a pointer");
            assert!(description.pointer(pointer).is_some(), "{pointer}");
        }
    }

    #[test]
    fn names_and_addresses_are_unique() {
        let mut seen = BTreeSet::new();
        for operation in operations::ALL {
            assert!(seen.insert(operation.id), "{operation:?}");
            let address = format!("{} {}", operation.method.word(), operation.path);
            assert!(
                !address.contains(' ') || operation.path.starts_with('/'),
                "{address}"
            );
        }
        assert_eq!(seen.len(), operations::ALL.len());
    }
}
