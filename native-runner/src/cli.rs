//! The command line.

use crate::serve::LogForm;
use clap::{Args, Parser, Subcommand, ValueEnum};
use std::{net::IpAddr, path::PathBuf};

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
        130  it was interrupted (Ctrl-C) and ended with what it had\n  \
        141  nobody read standard output any more (`| head`), and there was more to do for it\n\n\
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
    /// Layers above the one that is asked for are not computed. A file that is too long to be
    /// computed at once is refused; --window cuts it.
    Embed(Embed),
    /// Label audio files with a fine-tuned model
    ///
    /// One row a clip: `file,start,end`, a probability for each class, and `predicted`; or, with
    /// --window, one row for each window of a long recording. A file that cannot be read is named
    /// and left out, and the exit status is 1 then.
    Predict(Predict),
    /// Label sound that comes on standard input, for `voxtune serve`
    #[command(hide = true)]
    Listen(Listen),
    /// Write a fine-tuned model as ONNX, for other programs
    ///
    /// The graph takes `waveform` `[batch, samples]`, raw mono samples at 16 kHz, and gives `logits`;
    /// normalisation and pooling are in it. All rows of a batch have the same length.
    Export(Export),
    /// Upload a model folder to the Hugging Face hub
    ///
    /// The repository is made if it isn't there. The token comes from HF_TOKEN, or from the file
    /// that `hf auth login` writes. A README.md in the folder becomes the model's card.
    Push(Push),
    /// Let a browser drive this machine: a queue of jobs, their events and results
    ///
    /// Listens on the loopback only, prints the address that opens the page once, and the `ssh -L`
    /// line by which a laptop reaches it. Jobs are processes of their own: they go on when the
    /// server ends, and are found again when it is started anew. See docs/server.md.
    Serve(Serve),
    /// Add, list or remove the users of `voxtune serve`
    User(User),
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
    /// The experiment
    #[arg(required_unless_present = "job")]
    pub(crate) config: Option<PathBuf>,
    /// Carry out the job that `voxtune serve` has prepared in this folder
    #[arg(long, value_name = "DIR", conflicts_with_all = ["config", "set", "device", "dry_run", "json", "force"])]
    pub(crate) job: Option<PathBuf>,
    /// Only if the job waits for this start of its process
    #[arg(long, hide = true, requires = "job")]
    pub(crate) attempt: Option<u32>,
    /// Set a key for this call, as in `--set FINETUNE.batch_size=4`; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE")]
    pub(crate) set: Vec<String>,
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
    /// Compute files in stretches of so many seconds, each by itself; frames stand where they would
    /// stand without, and memory stays bounded
    #[arg(long, value_name = "SECONDS")]
    pub(crate) window: Option<f64>,
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
    /// A fine-tuned model folder (`models/run_N/torch`), or a name on the hub (owner/name[@revision]);
    /// with --config the model of the experiment's first run, if it is not given
    #[arg(long, value_name = "FOLDER|ID", required_unless_present = "config")]
    pub(crate) model: Option<PathBuf>,
    /// The CSV to write, a chunk at a time, with a record of how it is made beside it (FILE.csv.json);
    /// without it the table goes to standard output
    #[arg(long, value_name = "FILE.csv")]
    pub(crate) out: Option<PathBuf>,
    /// Go on with the table of --out where it was broken off; another model, other options or other
    /// inputs are refused
    #[arg(long, requires = "out")]
    pub(crate) resume: bool,
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
    /// Make a time line: a row for each window of so many seconds, instead of one for a clip
    #[arg(long, value_name = "SECONDS", conflicts_with_all = ["max_duration", "windows"])]
    pub(crate) window: Option<f64>,
    /// Seconds from one window of the time line to the next; without it as long as a window
    #[arg(long, value_name = "SECONDS", requires = "window")]
    pub(crate) hop: Option<f64>,
    /// Draw the time line of each recording into this folder, as PNG and SVG
    #[arg(long, value_name = "FOLDER", requires_all = ["window", "out"])]
    pub(crate) plots: Option<PathBuf>,
    /// Predict the data of this experiment
    #[arg(long, value_name = "CONFIG", conflicts_with = "inputs")]
    pub(crate) config: Option<PathBuf>,
    /// The part of the experiment's data
    #[arg(long, value_enum, default_value_t = PartChoice::All, requires = "config")]
    pub(crate) part: PartChoice,
    /// Set a key of the experiment for this call; may be repeated
    #[arg(long = "set", value_name = "SECTION.KEY=VALUE", requires = "config")]
    pub(crate) set: Vec<String>,
    /// What may be read of the inputs, as the server says it; without it everything
    #[arg(long, hide = true, conflicts_with = "config")]
    pub(crate) sight: Option<PathBuf>,
    /// Audio files, folders of them, CSV tables with a column `file`, or lists (.txt) with a path a line
    #[arg(required_unless_present = "config", value_name = "FILES|FOLDER|CSV")]
    pub(crate) inputs: Vec<PathBuf>,
}

#[derive(Debug, Args)]
pub(crate) struct Listen {
    /// A fine-tuned model folder
    #[arg(long, value_name = "FOLDER")]
    pub(crate) model: PathBuf,
    /// auto, cpu, vulkan[:N] or cuda[:N]
    #[arg(long)]
    pub(crate) device: String,
    /// Samples a second
    #[arg(long)]
    pub(crate) rate: u32,
    /// Seconds of a window
    #[arg(long)]
    pub(crate) window: Option<f64>,
    /// Seconds from one window to the next
    #[arg(long)]
    pub(crate) hop: f64,
    /// Windows that are labelled at once
    #[arg(long)]
    pub(crate) at_once: u32,
}

/// A part of an experiment's data, or all of it.
#[derive(Debug, Clone, Copy, PartialEq, Eq, ValueEnum)]
pub(crate) enum PartChoice {
    Train,
    Dev,
    Test,
    All,
}

#[derive(Debug, Args)]
pub(crate) struct Export {
    /// A fine-tuned model folder (`models/run_N/torch`), or a name on the hub (owner/name[@revision])
    #[arg(long, value_name = "FOLDER|ID")]
    pub(crate) model: PathBuf,
    /// The file to write
    #[arg(long, value_name = "FILE.onnx")]
    pub(crate) out: PathBuf,
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

#[derive(Debug, Args)]
pub(crate) struct Serve {
    /// A settings file (TOML) with the same names; flags win
    #[arg(long, value_name = "FILE.toml")]
    pub(crate) settings: Option<PathBuf>,
    /// Where jobs, uploads and users are kept; without it $XDG_DATA_HOME/voxtune
    #[arg(long, value_name = "DIR")]
    pub(crate) folder: Option<PathBuf>,
    /// A folder that jobs may read; may be repeated
    #[arg(long, value_name = "DIR")]
    pub(crate) data: Vec<PathBuf>,
    /// The port; without it that of the last time, or any free one
    #[arg(long)]
    pub(crate) port: Option<u16>,
    /// The address to listen on; beyond the loopback it needs TLS
    #[arg(long, value_name = "IP")]
    pub(crate) host: Option<IpAddr>,
    /// A name by which browsers may address this machine; may be repeated
    #[arg(long, value_name = "NAME")]
    pub(crate) allow_host: Vec<String>,
    /// A certificate (PEM), with those that vouch for it
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_cert: Option<PathBuf>,
    /// The certificate's private key (PEM)
    #[arg(long, value_name = "FILE")]
    pub(crate) tls_key: Option<PathBuf>,
    /// Make a certificate that only this runner vouches for
    #[arg(long)]
    pub(crate) tls_self_signed: bool,
    /// Listen beyond the loopback without TLS: everybody on the network can read tokens and data
    #[arg(long)]
    pub(crate) insecure_plain_http: bool,
    /// Jobs that run at once on each device; without it 1
    #[arg(long, value_name = "N")]
    pub(crate) jobs_per_device: Option<usize>,
    /// On Ctrl-C ask the jobs to end too; without it they go on
    #[arg(long)]
    pub(crate) stop_jobs: bool,
    /// Open the page in this machine's browser, where there is a display
    #[arg(long)]
    pub(crate) open: bool,
    /// Write the log as text or as lines of JSON
    #[arg(long, value_name = "FORM")]
    pub(crate) log: Option<LogForm>,
}

#[derive(Debug, Args)]
pub(crate) struct User {
    #[command(subcommand)]
    pub(crate) action: UserAction,
}

#[derive(Debug, Subcommand)]
pub(crate) enum UserAction {
    /// Add a user, or give one a new token, which is printed once
    Add {
        /// Letters, digits, `-`, `_`, `.` and `@`
        name: String,
        /// Let them see everybody's jobs
        #[arg(long)]
        admin: bool,
        /// The folder of `voxtune serve`
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// List users
    List {
        /// The folder of `voxtune serve`
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
    /// Remove a user; their jobs stay, for an admin
    Remove {
        /// The name
        name: String,
        /// The folder of `voxtune serve`
        #[arg(long, value_name = "DIR")]
        folder: Option<PathBuf>,
    },
}
