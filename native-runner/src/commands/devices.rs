//! `voxtune devices`

use crate::failure::ExitCode;
use crate::{cli::Devices, failure::WrongArgument};
use shared::{
    config::DeviceChoice,
    train::{self, DeviceInfo},
};

pub(crate) fn devices(args: &Devices) -> anyhow::Result<ExitCode> {
    let devices = train::devices();
    if args.json {
        outln!("{}", serde_json::to_string_pretty(&devices)?);
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
        outln!("{id:<10} {name}{note}");
    }
    Ok(ExitCode::SUCCESS)
}

/// What `--device` means.
pub(crate) fn choice(text: &str) -> anyhow::Result<DeviceChoice> {
    // As `device =` in an INI, where a number alone is one of CUDA.
    if let Ok(index) = text.parse() {
        return Ok(DeviceChoice::Cuda(index));
    }
    let (kind, number) = match text.split_once(':') {
        Some((kind, number)) => (kind, Some(number)),
        None => (text, None),
    };
    let Ok(index) = number.unwrap_or("0").parse::<usize>() else {
        let message = format!(
            "--device {text}: what follows `{kind}:` is no device number, for instance `{kind}:0`"
        );
        return Err(WrongArgument(message).into());
    };
    Ok(match kind {
        "auto" | "cpu" if number.is_some() => {
            let message = format!("--device {text}: there is only one `{kind}`, without a number");
            return Err(WrongArgument(message).into());
        }
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

#[cfg(test)]
mod tests {
    use super::choice;
    use shared::config::DeviceChoice;

    #[test]
    fn devices_are_named_as_in_an_ini() {
        let ours = |text: &str| choice(text).ok();
        assert_eq!(ours("auto"), Some(DeviceChoice::Auto));
        assert_eq!(ours("cpu"), Some(DeviceChoice::Cpu));
        assert_eq!(ours("vulkan:2"), Some(DeviceChoice::Vulkan(2)));
        assert_eq!(ours("1"), Some(DeviceChoice::Cuda(1)));
        for wrong in ["cpu:7", "auto:3", "vulkan:x", "gpu", ""] {
            assert_eq!(ours(wrong), None, "{wrong}");
        }
    }
}
