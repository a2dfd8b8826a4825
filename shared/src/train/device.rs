//! Which devices the machine has, and opening one. The only file here that knows its target.

use crate::config::DeviceChoice;
use burn::tensor::Device;
use serde::{Deserialize, Serialize};

/// A device for people.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
pub struct DeviceInfo {
    /// What `--device` and `device =` call it.
    pub id: String,
    /// What it is.
    pub name: String,
    /// Whether it is picked only when it is named, such as a software renderer.
    pub explicit_only: bool,
}

/// Why a device cannot be had.
#[derive(Debug, thiserror::Error)]
pub enum DeviceError {
    /// The build has no support for it.
    #[error(
        "this build has no {0} support; use --device cpu or --device vulkan, or build with the cargo feature `{0}`"
    )]
    NotBuilt(&'static str),
    /// No such device.
    #[error("there is no device `{asked}` here; `voxtune devices` lists what there is ({detail})")]
    None {
        /// What was asked for.
        asked: String,
        /// What the driver said.
        detail: String,
    },
}

fn cpu() -> DeviceInfo {
    DeviceInfo {
        id: "cpu".into(),
        name: "CPU (Flex)".into(),
        explicit_only: false,
    }
}

#[cfg(not(target_arch = "wasm32"))]
mod native {
    use super::{Device, DeviceChoice, DeviceError, DeviceInfo, cpu};
    use burn::tensor::{DeviceKind, wgpu::WgpuBackend};
    use wgpu::{AdapterInfo, Backends, DeviceType, Instance, InstanceDescriptor};

    /// A kind of adapter, by number.
    type Kind = fn(usize) -> DeviceKind;

    /// Kinds of adapters in the order of preference; software comes last and only when asked for.
    const KINDS: [(Kind, DeviceType, &str, bool); 4] = [
        (
            DeviceKind::DiscreteGpu,
            DeviceType::DiscreteGpu,
            "discrete GPU",
            false,
        ),
        (
            DeviceKind::IntegratedGpu,
            DeviceType::IntegratedGpu,
            "integrated GPU",
            false,
        ),
        (
            DeviceKind::VirtualGpu,
            DeviceType::VirtualGpu,
            "virtual GPU",
            false,
        ),
        (
            |_| DeviceKind::Cpu,
            DeviceType::Cpu,
            "software renderer",
            true,
        ),
    ];

    /// What the driver says of its adapters, in the order in which they are numbered.
    fn adapters() -> Vec<AdapterInfo> {
        let instance = Instance::new(InstanceDescriptor {
            backends: Backends::VULKAN,
            ..InstanceDescriptor::new_without_display_handle()
        });
        // Natively the future is done at once.
        burn::tensor::try_read_sync(instance.enumerate_adapters(Backends::VULKAN))
            .unwrap_or_default()
            .iter()
            .map(wgpu::Adapter::get_info)
            .collect()
    }

    /// The Vulkan adapters that can be opened. Opening one is the only sure way to know.
    fn vulkan() -> Vec<(Device, DeviceInfo)> {
        let adapters = adapters();
        let mut found: Vec<(Device, DeviceInfo)> = Vec::new();
        for (kind, device_type, name, explicit_only) in KINDS {
            let mut peers = adapters.iter().filter(|one| one.device_type == device_type);
            for index in 0..if explicit_only { 1 } else { 16 } {
                let options = Device::wgpu_options()
                    .device_kind(kind(index))
                    .graphics_api(WgpuBackend::Vulkan);
                let Ok(device) = options.init() else { break };
                let info = DeviceInfo {
                    id: format!("vulkan:{}", found.len()),
                    name: match peers.next() {
                        Some(adapter) => format!("{} (Vulkan, {name})", adapter.name),
                        None => format!("Vulkan, {name} {index}"),
                    },
                    explicit_only,
                };
                found.push((device, info));
            }
        }
        found
    }

    #[cfg(feature = "cuda")]
    fn cuda() -> Vec<(Device, DeviceInfo)> {
        Device::enumerate(burn::tensor::DeviceType::Cuda)
            .into_vec()
            .into_iter()
            .enumerate()
            .map(|(i, device)| {
                let name = format!("CUDA device {i}");
                (
                    device,
                    DeviceInfo {
                        id: format!("cuda:{i}"),
                        name,
                        explicit_only: false,
                    },
                )
            })
            .collect()
    }

    #[cfg(not(feature = "cuda"))]
    fn cuda() -> Vec<(Device, DeviceInfo)> {
        Vec::new()
    }

    /// Every device, best first.
    #[must_use]
    pub fn devices() -> Vec<DeviceInfo> {
        let (mut usual, explicit): (Vec<_>, Vec<_>) = cuda()
            .into_iter()
            .chain(vulkan())
            .map(|(_, info)| info)
            .partition(|info| !info.explicit_only);
        usual.push(cpu());
        usual.extend(explicit);
        usual
    }

    /// Opens the device that `choice` means.
    ///
    /// # Errors
    /// It is not there, or this build cannot drive it.
    pub async fn open_device(choice: DeviceChoice) -> Result<(Device, DeviceInfo), DeviceError> {
        let pick = |found: Vec<(Device, DeviceInfo)>, index: usize, asked: String| {
            let detail = format!("{} found", found.len());
            found
                .into_iter()
                .nth(index)
                .ok_or(DeviceError::None { asked, detail })
        };
        match choice {
            DeviceChoice::Cpu => Ok((Device::flex(), cpu())),
            DeviceChoice::Cuda(_) if !cfg!(feature = "cuda") => Err(DeviceError::NotBuilt("cuda")),
            DeviceChoice::Cuda(index) => pick(cuda(), index, format!("cuda:{index}")),
            DeviceChoice::Vulkan(index) => pick(vulkan(), index, format!("vulkan:{index}")),
            DeviceChoice::Auto => Ok(cuda()
                .into_iter()
                .chain(vulkan())
                .find(|(_, info)| !info.explicit_only)
                .unwrap_or_else(|| (Device::flex(), cpu()))),
        }
    }
}

#[cfg(all(target_arch = "wasm32", not(target_feature = "atomics")))]
mod browser {
    use super::{Device, DeviceChoice, DeviceError, DeviceInfo, cpu};

    /// What the tab offers; whether WebGPU works is known only when it is opened.
    #[must_use]
    pub fn devices() -> Vec<DeviceInfo> {
        vec![webgpu(), cpu()]
    }

    fn webgpu() -> DeviceInfo {
        DeviceInfo {
            id: "webgpu".into(),
            name: "WebGPU".into(),
            explicit_only: false,
        }
    }

    /// Opens WebGPU (`Auto`, `Vulkan`) or the CPU.
    ///
    /// # Errors
    /// The browser gives no adapter.
    pub async fn open_device(choice: DeviceChoice) -> Result<(Device, DeviceInfo), DeviceError> {
        match choice {
            DeviceChoice::Cpu => Ok((Device::flex(), cpu())),
            DeviceChoice::Cuda(_) => Err(DeviceError::NotBuilt("cuda")),
            DeviceChoice::Auto | DeviceChoice::Vulkan(_) => {
                match Device::wgpu_options().tasks_max(32).init_async().await {
                    Ok(device) => Ok((device, webgpu())),
                    Err(error) => Err(DeviceError::None {
                        asked: "webgpu".into(),
                        detail: error.to_string(),
                    }),
                }
            }
        }
    }
}

/// WebAssembly with threads, which has the processor alone.
#[cfg(all(target_arch = "wasm32", target_feature = "atomics"))]
mod browser {
    use super::{Device, DeviceChoice, DeviceError, DeviceInfo, cpu};

    /// The processor, with the threads that the pool has.
    #[must_use]
    pub fn devices() -> Vec<DeviceInfo> {
        let mut cpu = cpu();
        cpu.name = format!("CPU (Flex, {} threads)", rayon::current_num_threads());
        vec![cpu]
    }

    /// Opens the CPU.
    ///
    /// # Errors
    /// Another device is asked for.
    pub async fn open_device(choice: DeviceChoice) -> Result<(Device, DeviceInfo), DeviceError> {
        let info = devices().pop().filter(|_| choice == DeviceChoice::Cpu);
        let info = info.ok_or_else(|| DeviceError::None {
            asked: "webgpu".into(),
            detail: "the engine with threads computes on the processor".into(),
        })?;
        Ok((Device::flex(), info))
    }
}

#[cfg(target_arch = "wasm32")]
pub use browser::{devices, open_device};
#[cfg(not(target_arch = "wasm32"))]
pub use native::{devices, open_device};
