//! `voxtune devices`

use crate::{cli::Devices, failure::WrongArgument};
use shared::{
    config::DeviceChoice,
    train::{self, DeviceInfo},
};
use std::process::ExitCode;

pub(crate) fn devices(args: &Devices) -> anyhow::Result<ExitCode> {
    let devices = train::devices();
    if args.json {
        println!("{}", serde_json::to_string_pretty(&devices)?);
        return Ok(ExitCode::SUCCESS);
    }
    for DeviceInfo {
        id,
        name,
        explicit_only,
    } in devices
    {
        let note = if explicit_only {
            "  (only when named: slow)"
        } else {
            ""
        };
        println!("{id:<10} {name}{note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What `--device` means.
pub(crate) fn choice(text: &str) -> anyhow::Result<DeviceChoice> {
    let (kind, index) = text.split_once(':').unwrap_or((text, "0"));
    let Ok(index) = index.parse::<usize>() else {
        let message =
            format!("--device {text}: `{index}` is no device number, for instance `{kind}:0`");
        return Err(WrongArgument(message).into());
    };
    Ok(match kind {
        "auto" => DeviceChoice::Auto,
        "cpu" => DeviceChoice::Cpu,
        "vulkan" => DeviceChoice::Vulkan(index),
        "cuda" => DeviceChoice::Cuda(index),
        _ => {
            let message =
                format!("--device {text}: no such device; use auto, cpu, vulkan[:N] or cuda[:N]");
            return Err(WrongArgument(message).into());
        }
    })
}
