//! Hugging Face model folders: tensors by name, read and written.
