#![no_main]

libfuzzer_sys::fuzz_target!(|data: &[u8]| passport_fuzz::ownership_transfer(data));
