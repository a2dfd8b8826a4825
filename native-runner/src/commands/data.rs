//! `voxtune data`

use super::{config, dataset};
use crate::cli::Data;
use shared::{
    config::Mode,
    data::{DataReport, folds_report},
    files::Disk,
};
use std::process::ExitCode;

pub(crate) fn data(args: &Data) -> anyhow::Result<ExitCode> {
    let (_, experiment) = config::open_valid(&args.config, &Disk, Mode::Data)?;
    let datasets = dataset::load(&experiment, &Disk)?;
    let reports: Vec<&DataReport> = datasets.iter().map(|dataset| &dataset.report).collect();
    match (experiment.folds, reports.as_slice()) {
        (None, [report]) if args.json => println!("{}", serde_json::to_string_pretty(report)?),
        _ if args.json => println!("{}", serde_json::to_string_pretty(&reports)?),
        (None, _) => reports.iter().for_each(|report| print!("{report}")),
        (Some(_), _) => {
            print!("{}", folds_report(&datasets));
            for (fold, report) in reports.iter().enumerate() {
                print!("\nFOLD {fold}\n{report}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
