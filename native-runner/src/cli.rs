//! The command line.

use clap::{Args, Parser, Subcommand};
use std::path::PathBuf;

/// Fine-tunes speech transformers (wav2vec2, HuBERT, WavLM) for classification and regression
/// from one INI file.
#[derive(Debug, Parser)]
#[command(
    name = "voxtune",
    version,
    max_term_width = 100,
    after_help = "EXIT STATUS\n  \
        0  all went well\n  \
        1  the work failed: a file, a device, the training itself; the message says what to do\n  \
        2  the command line is wrong\n  \
        3  the INI has errors; nothing was started\n  \
        130  it was interrupted (Ctrl-C) and ended with what it had\n\n\
        Results go to standard output, everything else to standard error.\n\n\
        EXAMPLES\n  \
        voxtune check experiment.ini\n  \
        voxtune run experiment.ini --set MODEL.batch_size=4 --device cpu\n  \
        voxtune predict --model results/exp/models/run_0/torch --out predictions.csv recordings/"
)]
pub(crate) struct Cli {
    #[command(subcommand)]
    pub(crate) command: Command,
}

#[derive(Debug, Subcommand)]
pub(crate) enum Command {
    /// Train the experiment of an INI and write its results
    ///
    /// Reads the data, splits it, fine-tunes the checkpoint, chooses the best state on the dev
    /// part, and writes model, metrics, predictions and plots into {EXP.root}/{EXP.name}.
    /// Ctrl-C ends it cleanly: the best state so far is kept and reported. Called again, a run that
    /// was broken off (Ctrl-C, a crash, no power) goes on from its last checkpoint, and one that has
    /// finished only shows its results.
    Run(Run),
    /// Evaluate finished runs on the databases of `[DATA] tests`, without training anything
    ///
    /// Every run's model is tested on each of the databases; figures, predictions and plots go into
    /// {EXP.root}/{EXP.name}/tests/DATABASE, laid out as an experiment. Classes, scales and
    /// max_duration are those of the model; rows of classes that it does not know are left out and
    /// counted. With `label_data` the best run labels that database, into the CSV `label_result`.
    Test(Test),
    /// Check an INI without running it
    ///
    /// Lists every problem with line, column and a fix. Errors stop a run, warnings don't.
    Check(Check),
    /// List the keys of the INI: name, type, default and what they do
    Keys(Keys),
    /// List the devices that models can run on, best first
    Devices(Devices),
    /// Show what an experiment would learn from: rows, splits, what was left out and why
    Data(Data),
    /// Write the hidden states of a checkpoint for audio files
    ///
    /// One tensor a file and layer, `[frames, width]`, named `FILE/layer.N`; layer 0 is the
    /// input of the first transformer layer, and `FILE/last_hidden_state` is the encoder's output.
    Embed(Embed),
    /// Label audio files with a fine-tuned model
    Predict(Predict),
    /// Upload a model folder to the Hugging Face hub
    ///
    /// The repository is made if it isn't there. The token comes from HF_TOKEN, or from the file
    /// that `hf auth login` writes. A README.md in the folder becomes the model's card.
    Push(Push),
    /// Say whether experiments differ by more than their runs do
    ///
    /// Groups runs by experiment and compares a figure of the test part (else of dev). Two groups:
    /// Mann-Whitney's test, or with 30 runs or more in each a t test (Welch's, if Levene's test says
    /// that variances differ). More groups: Kruskal-Wallis first, then each pair with Holm's
    /// correction. Prints a table, and writes it with a box plot (SVG, PNG) and a JSON into a folder.
    Compare(Compare),
}

/// The INI and what changes it for this call.
#[derive(Debug, Clone, Args)]
pub(crate) struct Config {
    /// The experiment
    pub(crate) config: PathBuf,
    /// Set a key for this call, as in `--set FINETUNE.batch_size=4`; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
}

#[derive(Debug, Args)]
pub(crate) struct Run {
    #[command(flatten)]
    pub(crate) config: Config,
    /// auto, cpu, vulkan[:N] or cuda[:N]; without it the INI's `device` is used
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Say what would be done, and stop: effective keys, split, parameters
    #[arg(long)]
    pub(crate) dry_run: bool,
    /// Print events as lines of JSON instead of the progress bar, the last being `ended`
    #[arg(long)]
    pub(crate) json: bool,
    /// Begin anew where there are results; they are moved to {EXP.root}/{EXP.name}/old-N
    #[arg(long)]
    pub(crate) force: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Test {
    #[command(flatten)]
    pub(crate) config: Config,
    /// auto, cpu, vulkan[:N] or cuda[:N]; without it the INI's `device` is used
    #[arg(long)]
    pub(crate) device: Option<String>,
    /// Print events as lines of JSON instead of tables
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Check {
    #[command(flatten)]
    pub(crate) config: Config,
    /// Print sections, values and diagnostics as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Keys {
    /// Only keys whose section or name contains this
    #[arg(default_value = "")]
    pub(crate) filter: String,
    /// Print as JSON
    #[arg(long, conflicts_with = "markdown")]
    pub(crate) json: bool,
    /// Print as the table of the documentation
    #[arg(long)]
    pub(crate) markdown: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Devices {
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Data {
    #[command(flatten)]
    pub(crate) config: Config,
    /// Print as JSON
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Embed {
    /// A model folder in Hugging Face's layout, or a name on the hub (owner/name[@revision])
    #[arg(long, value_name = "FOLDER|ID")]
    pub(crate) model: PathBuf,
    /// Layer N, or `all` layers; without it only the encoder's output
    #[arg(long)]
    pub(crate) layer: Option<String>,
    /// Mean over time: one vector `[width]` instead of `[frames, width]`
    #[arg(long)]
    pub(crate) pooled: bool,
    /// The file to write
    #[arg(long, value_name = "FILE.safetensors")]
    pub(crate) out: PathBuf,
    /// auto, cpu, vulkan[:N] or cuda[:N]
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// Audio files
    #[arg(required = true)]
    pub(crate) files: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Predict {
    /// A fine-tuned model folder (`models/run_N/torch`), or a name on the hub (owner/name[@revision])
    #[arg(long, value_name = "FOLDER|ID")]
    pub(crate) model: PathBuf,
    /// The CSV to write; without it it goes to standard output
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: Option<PathBuf>,
    /// auto, cpu, vulkan[:N] or cuda[:N]
    #[arg(long, default_value = "auto")]
    pub(crate) device: String,
    /// Clips in a batch
    #[arg(long, default_value_t = 8)]
    pub(crate) batch_size: usize,
    /// Longest stretch in seconds that the model sees at once; without it as it was evaluated, else 8
    #[arg(long)]
    pub(crate) max_duration: Option<f64>,
    /// Windows of a longer clip that are averaged; without it as it was evaluated, else 1
    #[arg(long)]
    pub(crate) windows: Option<usize>,
    /// Audio files, folders of them, or CSV tables with a column `file`
    #[arg(required = true, value_name = "FILES|FOLDER|CSV")]
    pub(crate) inputs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Push {
    /// A fine-tuned model folder (`models/run_N/torch`)
    #[arg(value_name = "FOLDER")]
    pub(crate) model: PathBuf,
    /// The repository
    #[arg(long, value_name = "OWNER/NAME")]
    pub(crate) to: String,
    /// Let everybody see it; without it only its owner does
    #[arg(long)]
    pub(crate) public: bool,
    /// Print events as lines of JSON instead of the progress bar
    #[arg(long)]
    pub(crate) json: bool,
}

#[derive(Debug, Args)]
pub(crate) struct Compare {
    /// The figure to compare, for instance uar, acc or ccc; without it the one that the first
    /// experiment chose its checkpoints by
    #[arg(long)]
    pub(crate) measure: Option<String>,
    /// The folder to write into
    #[arg(long, value_name = "FOLDER", default_value = "comparison")]
    pub(crate) out: PathBuf,
    /// Print the comparison as JSON instead of the table
    #[arg(long)]
    pub(crate) json: bool,
    /// Folders of experiments, folders of such folders, or run.json files
    #[arg(required = true)]
    pub(crate) runs: Vec<PathBuf>,
}
