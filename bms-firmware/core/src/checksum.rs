//! The checksum of stored records: it finds a write that was cut short, not an attacker (the frame is signed for that).

const CRC: crc::Crc<u32> = crc::Crc::<u32>::new(&crc::CRC_32_ISO_HDLC);

/// CRC-32 over all parts, one after the other.
pub(crate) fn crc32(parts: &[&[u8]]) -> u32 {
	let mut digest = CRC.digest();
	for part in parts {
		digest.update(part);
	}
	digest.finalize()
}
