//! `[FINETUNE]` (read from `[MODEL]` too), and `[MODEL]`.

use super::key::{Key, Kind::*, key};
use crate::config::{
    Crop, HeadActivation, LayerPooling, LossKind, LrScheduler, Measure, Pooling, Precision,
    SelectOn,
};

/// `[FINETUNE]`.
pub(super) const FINETUNE: &[Key] = &[
    key("FINETUNE", "pretrained_model", Path, "facebook/wav2vec2-large-robust-ft-swbd-300h", "Model folder in Hugging Face's layout, or its name on the hub."),
    key("FINETUNE", "from_scratch", Boolean, "False", "Start from randomly drawn weights where the model folder has only a config.json."),
    key("FINETUNE", "device", Text, "auto", "auto, cpu, vulkan, vulkan:N, cuda, cuda:N, or N for cuda:N."),
    key("FINETUNE", "batch_size", Integer, "8", "Clips in a batch; an optimiser step sees gradient_accumulation batches.").within(1.0, 65_536.0),
    key("FINETUNE", "gradient_accumulation", Integer, "4", "Batches whose gradients are added up for one optimiser step.").within(1.0, 65_536.0),
    key("FINETUNE", "learning_rate", Number, "0.0001", "Peak learning rate.").above(0.0),
    key("FINETUNE", "head_learning_rate", Number, "", "Peak learning rate of the head; without it learning_rate.").above(0.0),
    key("FINETUNE", "lr_scheduler", Word, "linear", "How the learning rate falls after the warm-up.").choices(LrScheduler::WORDS),
    key("FINETUNE", "warmup_ratio", Number, "0.0", "Share of the steps in which the learning rate rises from 0.").within(0.0, 1.0),
    key("FINETUNE", "weight_decay", Number, "0.0", "Decoupled weight decay of AdamW.").within(0.0, 1.0),
    key("FINETUNE", "max_grad_norm", Number, "1.0", "Gradients with a larger global norm are scaled down to it; 0 is off.").from(0.0),
    key("FINETUNE", "max_duration", Number, "8.0", "Longest stretch of a clip that the model sees, in seconds (also `duration`).").above(0.0),
    key("FINETUNE", "crop", Word, "head", "Which stretch of a longer clip is trained on.").choices(Crop::WORDS),
    key("FINETUNE", "eval_windows", Integer, "1", "Stretches of a longer clip whose logits are averaged in evaluation; 1 is its beginning.").within(1.0, 1000.0),
    key("FINETUNE", "freeze_layers", Integer, "0", "The first N transformer layers are not trained.").within(0.0, 1000.0),
    key("FINETUNE", "freeze_cnn", Boolean, "True", "The convolutional encoder is not trained."),
    key("FINETUNE", "num_layers", Integer, "", "Only the first N transformer layers are used.").within(1.0, 1000.0),
    key("FINETUNE", "drop", Number, "0.0", "Dropout of the head; 0.1 in a file without [FINETUNE].").below(0.0, 1.0),
    key("FINETUNE", "head_layers", Integers, "", "Widths of the head's hidden layers; without it one of the transformer's width."),
    key("FINETUNE", "head_activation", Word, "tanh", "Activation in the head.").choices(HeadActivation::WORDS),
    key("FINETUNE", "pooling", Word, "mean", "How frames become one vector.").choices(Pooling::WORDS),
    key("FINETUNE", "layer_pooling", Word, "last", "Which hidden states the head sees.").choices(LayerPooling::WORDS),
    key("FINETUNE", "loss", Word, "", "The loss; cross for classes, 1-ccc for a continuous target.").choices(LossKind::WORDS),
    key("FINETUNE", "class_weight", Boolean, "False", "Weight the classes by their inverse frequency."),
    key("FINETUNE", "label_smoothing", Number, "0.0", "Share of the target that is spread over all classes; True is 0.1.").within(0.0, 1.0),
    key("FINETUNE", "measure", Word, "", "What the best state is chosen by; uar for classes, ccc for a continuous target.").choices(Measure::WORDS),
    key("FINETUNE", "patience", Integer, "", "Epochs without improvement after which a run ends.").within(1.0, 100_000.0),
    key("FINETUNE", "dev_from_train", Number, "20", "Percent of the train speakers that become dev where there is none; 0 is none.").below(0.0, 100.0),
    key("FINETUNE", "select_on", Word, "dev", "Part on which the best state is chosen; with test every result says that it is optimistic.").choices(SelectOn::WORDS),
    key("FINETUNE", "evals_per_epoch", Integer, "1", "Evaluations in an epoch.").within(1.0, 1000.0),
    key("FINETUNE", "save_total_limit", Integer, "2", "Checkpoints that are kept besides the best.").within(0.0, 1000.0),
    key("FINETUNE", "shuffle", Boolean, "True", "Draw batches of clips of like length; False keeps the file's order."),
    key("FINETUNE", "seed", Integer, "42", "Start of all random numbers; run r uses seed + r.").within(0.0, 9_007_199_254_740_991.0),
    key("FINETUNE", "balancing", Word, "False", "ros: repeat rows of rarer classes up to the most frequent one.").choices(&["False", "ros"]),
    key("FINETUNE", "precision", Word, "f32", "Numbers of the forward pass; f32 is used for now.").choices(Precision::WORDS).later(),
    key("FINETUNE", "lora_rank", Integer, "", "Train low-rank additions of this rank instead of the weights.").within(1.0, 4096.0).later_needed(),
    key("FINETUNE", "lora_alpha", Number, "", "Scale of these additions; without it the rank.").above(0.0).later(),
    key("FINETUNE", "push_to_hub", Boolean, "False", "Upload the best model to the hub.").later(),
];

/// `[MODEL]` besides the keys of `[FINETUNE]`.
pub(super) const MODEL: &[Key] = &[
    key(
        "MODEL",
        "type",
        Word,
        "",
        "The kind of model; only `finetune` runs here; required.",
    )
    .choices(&[
        "finetune", "xgb", "xgr", "svm", "svr", "knn", "knn_reg", "tree", "tree_reg", "bayes",
        "gmm", "lin_reg", "mlp", "mlp_reg", "cnn", "adm", "aasist",
    ]),
    key(
        "MODEL",
        "save",
        Boolean,
        "True",
        "Store the model; here the best one always is.",
    )
    .original(),
    key(
        "MODEL",
        "store",
        Boolean,
        "False",
        "An older name of `save`.",
    )
    .original(),
    key(
        "MODEL",
        "random_seed",
        Integer,
        "False",
        "Seed of other models; fine-tuning reads `seed`.",
    )
    .idle(),
    key(
        "MODEL",
        "optimizer",
        Word,
        "adamw",
        "Optimiser of other models; fine-tuning uses AdamW.",
    )
    .idle(),
    key(
        "MODEL",
        "momentum",
        Number,
        ".9",
        "Momentum of other models' optimiser.",
    )
    .idle(),
    key(
        "MODEL",
        "scheduler",
        Word,
        "cosine",
        "Schedule of other models; fine-tuning reads `lr_scheduler`.",
    )
    .idle(),
    key(
        "MODEL",
        "warmup_epochs",
        Integer,
        "5",
        "Warm-up of other models; fine-tuning reads `warmup_ratio`.",
    )
    .idle(),
    key(
        "MODEL",
        "scheduler.step_size",
        Integer,
        "10",
        "Step of other models' schedule.",
    )
    .idle(),
    key(
        "MODEL",
        "scheduler.gamma",
        Number,
        ".5",
        "Factor of other models' schedule.",
    )
    .idle(),
    key(
        "MODEL",
        "activation",
        Word,
        "relu",
        "Activation of other models; fine-tuning reads `head_activation`.",
    )
    .idle(),
    key(
        "MODEL",
        "layers",
        Literal,
        "",
        "Layers of other models; fine-tuning reads `head_layers`.",
    )
    .idle(),
    key(
        "MODEL",
        "only_test",
        Boolean,
        "False",
        "Evaluate a stored model.",
    )
    .idle(),
    key(
        "MODEL",
        "n_jobs",
        Integer,
        "8",
        "Processes of other models.",
    )
    .idle(),
    key(
        "MODEL",
        "logo",
        Integer,
        "",
        "Leave groups of speakers out in turn.",
    )
    .idle(),
    key("MODEL", "k_fold_cross", Integer, "", "Cross validation.").idle(),
    key(
        "MODEL",
        "loso",
        Boolean,
        "False",
        "Leave one speaker out in turn.",
    )
    .idle(),
    key("MODEL", "C_val", Number, "", "Of support vector machines.").idle(),
    key(
        "MODEL",
        "kernel",
        Word,
        "rbf",
        "Of support vector machines.",
    )
    .idle(),
    key("MODEL", "gamma", Text, "", "Of support vector machines.").idle(),
    key("MODEL", "K_val", Integer, "5", "Of nearest neighbours.").idle(),
    key("MODEL", "KNN_weights", Word, "", "Of nearest neighbours.").idle(),
    key("MODEL", "n_estimators", Integer, "100", "Of boosted trees.").idle(),
    key("MODEL", "max_depth", Integer, "6", "Of boosted trees.").idle(),
    key("MODEL", "subsample", Number, "", "Of boosted trees.").idle(),
    key("MODEL", "colsample_bytree", Number, "", "Of boosted trees.").idle(),
    key("MODEL", "GMM_*", Text, "", "Of Gaussian mixtures.").idle(),
    key(
        "MODEL",
        "tuning_params",
        Texts,
        "",
        "Parameters of other models to search.",
    )
    .idle(),
    key("MODEL", "scoring", Text, "", "What that search goes by.").idle(),
    key("MODEL", "focal.alpha", Number, ".25", "Of the focal loss.").idle(),
    key("MODEL", "focal.gamma", Number, "2", "Of the focal loss.").idle(),
    key("MODEL", "adm.*", Text, "", "Of the model `adm`.").idle(),
    key(
        "MODEL",
        "hf_token",
        Text,
        "",
        "Token for the hub; a secret does not belong in an INI.",
    )
    .idle(),
    key(
        "MODEL",
        "nan_strategy",
        Word,
        "",
        "What is done about missing features.",
    )
    .idle(),
    key(
        "MODEL",
        "dann_columns",
        Texts,
        "",
        "Of adversarial training, which Nkululeko has not for fine-tuning.",
    )
    .idle(),
    key(
        "MODEL",
        "dann_lambda",
        Number,
        "1",
        "Of adversarial training.",
    )
    .idle(),
    key(
        "MODEL",
        "dann_weight",
        Number,
        "1",
        "Of adversarial training.",
    )
    .idle(),
    key(
        "MODEL",
        "dann_reverse",
        Boolean,
        "True",
        "Of adversarial training.",
    )
    .idle(),
];
