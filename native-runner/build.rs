//! Builds the page and the demo into the program.
//!
//! The page is what `scripts/build-page.sh` made; where it was not run, its table is empty, and the
//! runner says what to do.

use std::{
    env,
    error::Error,
    fmt::Write,
    fs,
    path::{Path, PathBuf},
};

fn main() -> Result<(), Box<dyn Error>> {
    let folder = match env::var_os("VOXTUNE_PAGE") {
        Some(folder) => PathBuf::from(folder),
        None => PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../target/page"),
    };
    println!("cargo::rerun-if-env-changed=VOXTUNE_PAGE");
    println!("cargo::rerun-if-changed=build.rs");
    // A folder that is not there would be looked for, and the program built anew, each time.
    if fs::create_dir_all(&folder).is_ok() {
        println!("cargo::rerun-if-changed={}", folder.display());
    }
    let mut files = Vec::new();
    if folder.join("index.html").is_file() {
        collect(&folder, &folder.canonicalize()?, &mut files)?;
    }
    // The demo is in the program anyhow.
    files.retain(|(name, _)| !name.starts_with("demo/"));
    files.sort();
    let out = PathBuf::from(env::var("OUT_DIR")?);
    // Copies: the page may be built anew while the program is compiled.
    let copies = out.join("page");
    let _ = fs::remove_dir_all(&copies);
    fs::create_dir_all(&copies)?;
    let mut table = String::from("&[\n");
    for (index, (name, path)) in files.iter().enumerate() {
        let plain = copies.join(index.to_string());
        fs::copy(path, &plain)?;
        let packed = |ending: &str| {
            let packed = format!("{}.{ending}", path.display());
            let copy = copies.join(format!("{index}.{ending}"));
            match fs::copy(packed, &copy) {
                Ok(_) => format!("Some(include_bytes!({copy:?}))"),
                Err(_) => "None".to_owned(),
            }
        };
        writeln!(
            table,
            "File {{ path: {name:?}, plain: include_bytes!({plain:?}), gzip: {}, brotli: {} }},",
            packed("gz"),
            packed("br")
        )?;
    }
    table.push_str("]\n");
    fs::write(out.join("page.rs"), table)?;
    demo(&out)
}

/// Writes the table of the demo's files: recordings, labels, experiments and the model.
fn demo(out: &Path) -> Result<(), Box<dyn Error>> {
    let folder = PathBuf::from(env::var("CARGO_MANIFEST_DIR")?).join("../static/demo");
    println!("cargo::rerun-if-changed={}", folder.display());
    let root = folder.canonicalize()?;
    let mut files = Vec::new();
    collect(&folder, &root, &mut files)?;
    files.retain(|(name, _)| !name.starts_with("recipe/"));
    files.sort();
    let mut table = String::from("&[\n");
    for (name, path) in files {
        writeln!(table, "({name:?}, include_bytes!({path:?})),")?;
    }
    table.push_str("]\n");
    fs::write(out.join("demo.rs"), table)?;
    Ok(())
}

/// The files below `folder` with their names from `root` on, without those that are packed ones of
/// others.
fn collect(
    folder: &Path,
    root: &Path,
    files: &mut Vec<(String, PathBuf)>,
) -> Result<(), Box<dyn Error>> {
    for entry in fs::read_dir(folder)? {
        let path = entry?.path().canonicalize()?;
        if path.is_dir() {
            collect(&path, root, files)?;
            continue;
        }
        let packed = path
            .extension()
            .is_some_and(|ending| ending == "gz" || ending == "br");
        if packed && path.with_extension("").is_file() {
            continue;
        }
        let name = path
            .strip_prefix(root)?
            .to_str()
            .ok_or("a name that is not UTF-8")?;
        files.push((name.replace('\\', "/"), path.clone()));
    }
    Ok(())
}
