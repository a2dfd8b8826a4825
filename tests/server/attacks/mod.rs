//! What other servers of this kind fell for, tried on every route and method of the router's own
//! list (`shared::protocol::operations`), and on the page's files.

mod archives;
mod begun;
mod contents;
mod crowd;
mod foreign_pages;
mod journal;
mod links;
mod names;
mod paths;
mod secrets;
mod sizes;
mod values;
mod wire;

use crate::{
    client::{self, Answer, send},
    runner::Runner,
};
use shared::protocol::{In, Method, Operation, operations};

/// Every method that the standard or a client could come up with.
const METHODS: &[&str] = &[
    "GET", "HEAD", "POST", "PUT", "PATCH", "DELETE", "OPTIONS", "TRACE", "PROPFIND",
];

/// Addresses of the page's files, and some that lead to nothing.
const FILES: &[&str] = &[
    "/",
    "/index.html",
    "/app.js",
    "/runs/5",
    "/absent.wasm",
    "/api",
    "/api/absent",
];

/// The address of an operation with something in place of its parameters.
fn address(operation: &Operation) -> String {
    let values: Vec<(&str, &str)> = operation
        .params
        .iter()
        .filter(|param| param.place == In::Path)
        .map(|param| (param.name, "0"))
        .collect();
    let mut address = operation.address(&values);
    let mut comma = '?';
    for param in operation
        .params
        .iter()
        .filter(|param| param.place == In::Query && param.required)
    {
        address += &format!("{comma}{}=0", param.name);
        comma = '&';
    }
    address
}

/// A body of the media type that the operation takes.
fn body(operation: &Operation) -> Option<(&'static str, &'static [u8])> {
    let media_type = operation.request.media_type()?;
    Some((
        media_type,
        if media_type == "application/json" {
            b"{}"
        } else {
            b"0"
        },
    ))
}

/// The cookie that the printed address is swapped for.
fn cookie(runner: &Runner) -> String {
    let path = &runner.page[runner.page.find("/login").expect("a path")..];
    let answer = send(
        runner.address,
        "GET",
        path,
        &[("Host", &runner.host())],
        b"",
    )
    .expect("an answer");
    let cookie = answer
        .with_status(303)
        .header("set-cookie")
        .expect("a cookie")
        .to_owned();
    cookie.split(';').next().expect("a value").to_owned()
}

/// Sends a request that is to be refused, or fails where the server rightly cuts the connection.
fn attack(
    runner: &Runner,
    method: &str,
    path: &str,
    headers: &[(&str, &str)],
    body: &[u8],
) -> Option<Answer> {
    if method != "HEAD" {
        return send(runner.address, method, path, headers, body).ok();
    }
    // Its length is that of a body that does not come.
    let mut stream = client::open(runner.address, method, path, headers, body).ok()?;
    let (status, headers) = client::read_head(&mut stream).ok()?;
    Some(Answer {
        status,
        headers,
        body: Vec::new(),
    })
}

/// Says how many attacks of a kind were tried and refused; `--nocapture` shows it.
#[allow(clippy::print_stderr)]
fn told(kind: &str, refused: usize) {
    eprintln!("attacks: {kind}: {refused} tried, {refused} refused");
}

/// The operations that change something.
fn changing() -> impl Iterator<Item = &'static Operation> {
    operations::ALL
        .iter()
        .filter(|operation| operation.method != Method::Get)
}
