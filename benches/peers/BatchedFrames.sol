// SPDX-License-Identifier: Apache-2.0
// What a careful author would write for an EVM chain in place of the protocol's contract: many frames in one transaction,
// one signature each, one packed slot for each battery, a frame that does not hold skipped and counted.
pragma solidity ^0.8.0;

contract BatchedFrames {
    // A frame in `frames`: battery (4 bytes), sequence (6), length (2), the frame's bytes, then its signature (64 bytes,
    // r and yParity with s, EIP-2098) over keccak256 of all that stands before it.
    uint256 private constant PREFIX_BYTES = 12;
    uint256 private constant SIGNATURE_BYTES = 64;

    // Of each battery in one slot: the address of its device's key (low 160 bits), the highest sequence taken (48 bits),
    // the block's time when it was taken (48 bits).
    mapping(uint256 => uint256) public batteries;

    event FramesTaken(uint256 taken, uint256 skipped);

    function register(uint256 first, address[] calldata devices) external {
        for (uint256 i = 0; i < devices.length; ++i) {
            require(batteries[first + i] == 0, "registered");
            batteries[first + i] = uint160(devices[i]);
        }
    }

    function submit(bytes calldata frames) external {
        unchecked {
            uint256 taken;
            uint256 skipped;
            uint256 at;
            while (at < frames.length) {
                uint256 prefix = uint96(bytes12(frames[at:at + PREFIX_BYTES]));
                uint256 battery = prefix >> 64;
                uint256 sequence = (prefix >> 16) & 0xffffffffffff;
                uint256 end = at + PREFIX_BYTES + (prefix & 0xffff);
                uint256 slot = batteries[battery];
                bytes32 vs = bytes32(frames[end + 32:end + 64]);
                address signer = ecrecover(
                    keccak256(frames[at:end]),
                    27 + uint8(uint256(vs) >> 255),
                    bytes32(frames[end:end + 32]),
                    vs & bytes32(uint256((1 << 255) - 1))
                );
                if (signer != address(0) && signer == address(uint160(slot)) && sequence > (slot >> 160) & 0xffffffffffff) {
                    batteries[battery] = uint160(slot) | (sequence << 160) | (block.timestamp << 208);
                    ++taken;
                } else {
                    ++skipped;
                }
                at = end + SIGNATURE_BYTES;
            }
            emit FramesTaken(taken, skipped);
        }
    }
}
