//! What comes of files that were dropped or chosen: archives are unpacked, tables read, recordings listed.

use super::{
    clips::{Clips, pairs},
    collect,
    files::{ending, name},
    rows::Rows,
    sheet::Sheet,
};
use crate::{browser::turn, ui::many};
use between::message;
use js_sys::Array;
use leptos::prelude::*;
use std::rc::Rc;
use wasm_bindgen::JsCast;
use web_sys::File;

/// Endings of what is taken for a recording.
const AUDIO: [&str; 15] = [
    "wav", "flac", "mp3", "ogg", "oga", "m4a", "mp4", "m4b", "aac", "aif", "aiff", "aifc", "caf",
    "mka", "webm",
];
/// What audformat calls its header.
const HEADER: &str = "db.yaml";

/// Files with their paths.
type Named = Vec<(String, File)>;

/// What is being done, in words, and how much of it is done if that is known.
pub(super) type Doing = RwSignal<Option<(String, Option<f64>)>>;

/// Takes files in, and says what came of it.
///
/// # Errors
/// What could not be read, in words; the rest is there nevertheless.
pub(super) async fn take(rows: Rows, files: Named, doing: Doing) -> Result<String, String> {
    let share = move |data| {
        let share = message::number(&data, "share");
        doing.update(|doing| {
            if let Some(doing) = doing {
                doing.1 = Some(share);
            }
        });
    };
    let clips = Clips::start(share);
    turn().await;
    let mut wrong = Vec::new();
    let (zips, mut files): (Named, Named) = files
        .into_iter()
        .partition(|(path, _)| ending(path) == "zip");
    let archive =
        (zips.len() == 1 && files.is_empty() && rows.count() == 0).then(|| zips[0].1.clone());
    for (path, zip) in zips {
        doing.set(Some((format!("Unpacking `{}`", name(&path)), Some(0.0))));
        match unpack(&clips, &zip).await {
            Ok(found) => files.extend(found),
            Err(error) => wrong.push(format!("`{path}`: {error}")),
        }
    }
    doing.set(Some(("Reading tables".to_owned(), None)));
    let (sheet, mut said) = sheets(&clips, &files, &mut wrong).await;
    let audio: Named = files
        .into_iter()
        .filter(|(path, _)| AUDIO.contains(&ending(path).as_str()))
        .collect();
    let found = audio.len();
    turn().await;
    let has_table = sheet.is_some();
    if let Some(sheet) = sheet {
        rows.open(sheet).await;
    }
    if found > 0 {
        rows.add(audio, !has_table);
        said.push(format!(
            "{} {} here",
            many(found, "recording"),
            if found == 1 { "is" } else { "are" }
        ));
    }
    if let Some(archive) = archive.filter(|_| wrong.is_empty()) {
        rows.came_from(archive);
    }
    doing.set(None);
    if !wrong.is_empty() {
        wrong.extend((!said.is_empty()).then(|| format!("The rest is here: {}.", said.join(", "))));
        return Err(wrong.join(" "));
    }
    if said.is_empty() {
        return Err("There was no recording and no table among these files.".to_owned());
    }
    Ok(said.join(", ") + ".")
}

async fn unpack(clips: &Rc<Clips>, zip: &File) -> Result<Named, String> {
    let answer = clips.ask("unpack", &[("file", zip.into())]).await?;
    let found: Array = message::get(&answer, "files").unchecked_into();
    let pair = |pair| {
        let pair = Array::from(&pair);
        Some((pair.get(0).as_string()?, pair.get(1).dyn_into().ok()?))
    };
    Ok(found.iter().filter_map(pair).collect())
}

/// The tables among files, as one.
async fn sheets(
    clips: &Rc<Clips>,
    files: &Named,
    wrong: &mut Vec<String>,
) -> (Option<Sheet>, Vec<String>) {
    let (mut sheets, mut said) = (Vec::new(), Vec::new());
    let headers = files.iter().filter(|(path, _)| name(path) == HEADER);
    let folders: Vec<&str> = headers
        .map(|(path, _)| path.trim_end_matches(HEADER))
        .collect();
    for folder in &folders {
        let title = folder.trim_end_matches('/');
        let title = if title.is_empty() {
            "database"
        } else {
            name(title)
        };
        match database(clips, files, folder, title).await {
            Ok(sheet) => {
                said.push(format!(
                    "the database `{title}` has {}",
                    many(sheet.rows.len(), "row")
                ));
                sheets.push(sheet);
            }
            Err(error) => wrong.push(format!("`{folder}{HEADER}`: {error}")),
        }
    }
    for (path, file) in files.iter().filter(|(path, _)| ending(path) == "csv") {
        let is_part = |folder: &&str| {
            path.strip_prefix(*folder)
                .is_some_and(|rest| rest.starts_with("db.") && !rest.contains('/'))
        };
        if folders.iter().any(is_part) {
            continue;
        }
        let sheet = match collect::text(file).await {
            Ok(text) => Sheet::read(path, &text).await,
            Err(_) => Err("it cannot be read any more.".to_owned()),
        };
        match sheet {
            Ok(sheet) => {
                said.push(format!(
                    "`{}` has {}",
                    name(path),
                    many(sheet.rows.len(), "row")
                ));
                sheets.push(sheet);
            }
            Err(error) => wrong.push(format!("`{path}`: {error}")),
        }
    }
    (Sheet::join(sheets), said)
}

async fn database(
    clips: &Rc<Clips>,
    files: &Named,
    folder: &str,
    title: &str,
) -> Result<Sheet, String> {
    // Only header and tables: the recordings are not asked for.
    let parts = files.iter().filter_map(|(path, file)| {
        let own = path.strip_prefix(folder)?;
        (own.starts_with("db.") && !own.contains('/')).then_some((path.as_str(), file))
    });
    let question = [
        ("files", pairs(parts)),
        ("folder", folder.trim_end_matches('/').into()),
    ];
    let answer = clips.ask("database", &question).await?;
    let (columns, rows, _): (Vec<String>, Vec<Vec<String>>, Vec<String>) =
        serde_json::from_str(&message::text(&answer, "table"))
            .map_err(|error| error.to_string())?;
    Ok(Sheet {
        name: format!("{title}.csv"),
        columns,
        rows,
    })
}
