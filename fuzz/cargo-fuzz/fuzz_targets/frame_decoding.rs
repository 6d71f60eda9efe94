#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| passport_fuzz::frame_decoding(data));
