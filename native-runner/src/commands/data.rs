//! `voxtune data`

use super::{config, dataset};
use crate::failure::ExitCode;
use crate::{cli::Data, local::Local};
use shared::{
    config::Mode,
    data::{DataReport, folds_report},
};

pub(crate) fn data(args: &Data) -> anyhow::Result<ExitCode> {
    let (_, experiment) = config::open_valid(&args.config, &Local, Mode::Data)?;
    let datasets = dataset::load(&experiment, &Local)?;
    let reports: Vec<&DataReport> = datasets.iter().map(|dataset| &dataset.report).collect();
    match (experiment.folds, reports.as_slice()) {
        (None, [report]) if args.json => outln!("{}", serde_json::to_string_pretty(report)?),
        _ if args.json => outln!("{}", serde_json::to_string_pretty(&reports)?),
        (None, _) => reports.iter().for_each(|report| out!("{report}")),
        (Some(_), _) => {
            out!("{}", folds_report(&datasets));
            for (fold, report) in reports.iter().enumerate() {
                out!("\nFOLD {fold}\n{report}");
            }
        }
    }
    Ok(ExitCode::SUCCESS)
}
