//! The contract's calls; the contract itself is `contracts/MedRec.sol`.
#![allow(missing_docs)]

alloy_sol_types::sol! {
    interface MedRec {
        function admit(address account) external;
        function propose(uint32 at, address patient, bytes16 ticket) external;
        function accept(uint64 id) external;
        function grant(
            uint64 id,
            uint8 viewerKind,
            bytes32 viewer,
            uint8 sealingKey,
            bytes calldata terms,
            bytes32 commitment,
            uint64 notBefore,
            uint48 notAfter,
            bool mayShare
        ) external returns (uint32 number);
        function revoke(uint64 id, uint32 number) external;
    }
}
