//! `voxtune export`

use super::model;
use crate::cli::Export;
use crate::failure::ExitCode;
use anyhow::Context;
use shared::{
    export::{OnnxOptions, onnx},
    run::stored,
};
use std::{
    fs::{self, File},
    io::BufWriter,
    path::PathBuf,
};

pub(crate) fn export(args: &Export) -> anyhow::Result<ExitCode> {
    let checkpoint = model::open(&args.model)?;
    let extractor = model::extractor(&checkpoint)?;
    let said = stored(&checkpoint.config);
    let options = OnnxOptions {
        extractor: &extractor,
        max_duration: said.max_duration,
        transform: &said.transform,
    };
    // Under a name of its own until it is whole.
    let mut part = args.out.clone().into_os_string();
    part.push(".part");
    let part = PathBuf::from(part);
    let write = || -> anyhow::Result<()> {
        let file = File::create(&part)?;
        let mut out = BufWriter::with_capacity(1 << 18, file);
        onnx(&checkpoint, &options, &mut out)?;
        out.get_ref().sync_all()?;
        Ok(fs::rename(&part, &args.out)?)
    };
    let written = write();
    if written.is_err() {
        // It only takes up room.
        let _ = fs::remove_file(&part);
    }
    written.with_context(|| format!("{} is not written", args.out.display()))?;
    let size = fs::metadata(&args.out).map_or(0, |meta| meta.len());
    errln!(
        "{} ({:.1} MB): waveform [batch, samples] at 16 kHz -> logits",
        args.out.display(),
        size as f64 / 1e6
    );
    if !said.transform.is_identity() {
        errln!(
            "note: the logits are in the unit that was trained in; `transform` in the file's metadata says how \
             the table's unit comes of it"
        );
    }
    Ok(ExitCode::SUCCESS)
}
