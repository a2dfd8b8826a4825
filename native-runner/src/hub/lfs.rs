//! Large files, by git's LFS protocol as the hub speaks it: one request that says where each goes,
//! then the bytes, whole or in parts.

use super::{
    client::{Answer, Client},
    commit::{Upload, text, upload_event},
    error::HubError,
};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};
use shared::protocol::Event;
use std::{
    collections::HashMap,
    fs,
    io::{self, Read, Seek, SeekFrom},
    time::{Duration, Instant},
};
use ureq::SendBody;

const JSON: &str = "application/vnd.git-lfs+json";

/// Uploads `files` that the hub does not have yet, and gives the SHA-256 (hex) of each by its name.
pub(crate) fn upload(
    client: &Client,
    id: &str,
    files: &[&Upload],
    emit: &dyn Fn(&Event),
) -> Result<HashMap<String, String>, HubError> {
    let mut hashes = HashMap::new();
    if files.is_empty() {
        return Ok(hashes);
    }
    for file in files {
        let hash = sha256(file).map_err(HubError::io(&file.path))?;
        hashes.insert(file.name.clone(), hash);
    }
    let objects: Vec<Value> = files
        .iter()
        .map(|file| json!({"oid": hashes[&file.name], "size": file.size}))
        .collect();
    let body = json!({
        "operation": "upload",
        "transfers": ["basic", "multipart"],
        "objects": objects,
        "hash_algo": "sha256",
        "ref": {"name": "main"},
    });
    let answer = client.post(
        &format!("/{id}.git/info/lfs/objects/batch"),
        JSON,
        &body.to_string(),
    )?;
    if answer.status >= 400 {
        return Err(client.refusal(&answer, &format!("the upload to {id}")));
    }
    let answer = client.json(&answer)?;
    for &file in files {
        let hash = &hashes[&file.name];
        let object = answer["objects"]
            .as_array()
            .into_iter()
            .flatten()
            .find(|object| object["oid"] == hash.as_str())
            .ok_or_else(|| client.odd(format!("it does not say where {} goes", file.name)))?;
        if let Some(message) = object["error"]["message"].as_str() {
            return Err(client.odd(format!("{} is refused: {message}", file.name)));
        }
        // Without an action it is there already.
        if let Some(action) = object["actions"].get("upload") {
            emit(&upload_event(id, file, 0));
            let sender = Sender {
                client,
                id,
                file,
                emit,
            };
            sender.send(action, hash)?;
            emit(&upload_event(id, file, file.size));
        }
        if let Some(verify) = object["actions"].get("verify") {
            confirm(client, text(client, verify, "href")?, hash, file)?;
        }
    }
    Ok(hashes)
}

/// Tells the hub that the bytes are there. The token goes to the hub alone.
fn confirm(client: &Client, address: &str, hash: &str, file: &Upload) -> Result<(), HubError> {
    let Some(path) = address
        .strip_prefix(&client.endpoint)
        .filter(|path| path.starts_with('/'))
    else {
        return Err(client.odd("it wants an upload confirmed elsewhere"));
    };
    let body = json!({"oid": hash, "size": file.size});
    let answer = client.post(path, JSON, &body.to_string())?;
    if answer.status >= 400 {
        return Err(client.refusal(&answer, &format!("the upload of {}", file.name)));
    }
    Ok(())
}

/// Sends the bytes of one file.
struct Sender<'a> {
    client: &'a Client,
    id: &'a str,
    file: &'a Upload,
    emit: &'a dyn Fn(&Event),
}

impl Sender<'_> {
    fn send(&self, action: &Value, hash: &str) -> Result<(), HubError> {
        let address = text(self.client, action, "href")?;
        let header = &action["header"];
        let chunk = match &header["chunk_size"] {
            Value::String(text) => text.parse().ok(),
            number => number.as_u64(),
        };
        match chunk {
            None => {
                self.put(address, Some(header), 0, self.file.size)?;
                Ok(())
            }
            Some(0) => Err(self.client.odd("it asks for parts of no size")),
            Some(chunk) => self.in_parts(address, header, chunk, hash),
        }
    }

    fn in_parts(
        &self,
        address: &str,
        header: &Value,
        chunk: u64,
        hash: &str,
    ) -> Result<(), HubError> {
        let mut parts: Vec<(u64, &str)> = header
            .as_object()
            .into_iter()
            .flatten()
            .filter_map(|(key, value)| Some((key.parse().ok()?, value.as_str()?)))
            .collect();
        parts.sort_unstable();
        let count = self.file.size.div_ceil(chunk);
        if !parts.iter().map(|(number, _)| *number).eq(1..=count) {
            return Err(self
                .client
                .odd("the parts that it asks for don't make a file"));
        }
        let mut done = Vec::new();
        for (number, address) in parts {
            let start = (number - 1) * chunk;
            let end = (start + chunk).min(self.file.size);
            let mark = self.put(address, None, start, end)?;
            done.push(json!({"partNumber": number, "etag": mark}));
        }
        let body = json!({"oid": hash, "parts": done}).to_string();
        // The address has its own secret, and is not always the hub's: no token.
        let answer = self.client.patiently(|| {
            let request = self.client.agent.post(address);
            let request = request.header("Content-Type", JSON).header("Accept", JSON);
            self.client.answer(request.send(&body))
        })?;
        self.well(&answer)
    }

    /// Puts a stretch of the file, and gives the mark that the store answers with.
    fn put(
        &self,
        address: &str,
        header: Option<&Value>,
        start: u64,
        end: u64,
    ) -> Result<String, HubError> {
        let mut mark = String::new();
        let answer = self.client.patiently(|| {
            let mut body =
                Stretch::open(self, start, end).map_err(HubError::io(&self.file.path))?;
            let mut request = self
                .client
                .agent
                .put(address)
                .header("Content-Length", (end - start).to_string());
            for (name, value) in header.and_then(Value::as_object).into_iter().flatten() {
                if let Some(value) = value.as_str() {
                    request = request.header(name, value);
                }
            }
            let result = request.send(SendBody::from_reader(&mut body));
            if let Ok(response) = &result
                && let Some(found) = response.headers().get("etag")
            {
                mark = found.to_str().unwrap_or_default().to_owned();
            }
            self.client.answer(result)
        })?;
        self.well(&answer)?;
        Ok(mark)
    }

    fn well(&self, answer: &Answer) -> Result<(), HubError> {
        if answer.status < 300 {
            return Ok(());
        }
        Err(HubError::Status {
            endpoint: "the store of large files".to_owned(),
            what: format!("the upload of {}", self.file.name),
            status: answer.status,
            message: String::new(),
        })
    }
}

/// A stretch of a file, which tells how far it was read.
struct Stretch<'a> {
    sender: &'a Sender<'a>,
    file: io::Take<fs::File>,
    bytes: u64,
    told: Instant,
}

impl<'a> Stretch<'a> {
    fn open(sender: &'a Sender<'a>, start: u64, end: u64) -> io::Result<Self> {
        let mut file = fs::File::open(&sender.file.path)?;
        file.seek(SeekFrom::Start(start))?;
        Ok(Self {
            sender,
            file: file.take(end - start),
            bytes: start,
            told: Instant::now(),
        })
    }
}

impl Read for Stretch<'_> {
    fn read(&mut self, buffer: &mut [u8]) -> io::Result<usize> {
        let read = self.file.read(buffer)?;
        self.bytes += read as u64;
        if self.told.elapsed() >= Duration::from_secs(1) {
            self.told = Instant::now();
            (self.sender.emit)(&upload_event(self.sender.id, self.sender.file, self.bytes));
        }
        Ok(read)
    }
}

fn sha256(file: &Upload) -> io::Result<String> {
    let mut open = fs::File::open(&file.path)?;
    let mut digest = Sha256::new();
    io::copy(&mut open, &mut digest)?;
    let bytes = digest.finalize();
    Ok(bytes.iter().map(|byte| format!("{byte:02x}")).collect())
}
