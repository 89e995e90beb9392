mod machines;
mod peers;
