// SPDX-License-Identifier: Apache-2.0
pragma solidity ^0.8.30;

/// Relationships, grants and revocations with the meaning that MedRec's pallets give them, written as tightly as plain
/// Solidity allows: what `bench/` compares with. Nobody should put records of patients behind it: calls are not free, the
/// keys of patients need gas, and the whole of governance is one owner.
contract MedRec {
    enum Status {
        None,
        Proposed,
        Active,
        Ended
    }

    struct Member {
        address account;
        bool active;
        uint8 sealingKey;
        uint32 nextIndex;
    }

    struct Relationship {
        address patient;
        Status status;
        uint32 nextGrant;
        uint8 allows;
        uint8 denials;
        bytes16 ticket;
    }

    /// Seven slots. `tail` is what is left of 136 bytes of encapsulated key and ciphertext after four whole words.
    struct Grant {
        bytes32 viewer;
        bytes32 sealed0;
        bytes32 sealed1;
        bytes32 sealed2;
        bytes32 sealed3;
        bytes32 commitment;
        bytes8 tail;
        uint64 notBefore;
        uint48 notAfter;
        uint8 sealingKey;
        uint8 viewerKind;
        bool deny;
        bool mayShare;
        bool there;
    }

    uint8 public constant MAX_ALLOWS = 64;
    uint8 public constant MAX_DENIALS = 16;
    uint256 public constant SEALED_BYTES = 136;

    address public immutable owner = msg.sender;
    uint32 public members;
    mapping(uint32 => Member) public member;
    mapping(uint64 => Relationship) public relationship;
    mapping(uint64 => mapping(uint32 => Grant)) public rule;
    /// Keys that are used, or were: none is taken twice.
    mapping(address => bool) public used;

    event Proposed(uint64 indexed relationship, address patient, bytes16 ticket);
    event Accepted(uint64 indexed relationship);
    event Granted(uint64 indexed relationship, uint32 grant, uint8 viewerKind, bytes32 viewer);
    event Revoked(uint64 indexed relationship, uint32 grant);

    error NotAllowed();
    error WrongStatus();
    error KeyUsed();
    error BadTerm();
    error BadTerms();
    error StaleSealingKey();
    error TooManyRules();
    error UnknownGrant();
    error UnknownViewer();
    error ViewerIsPatient();

    function admit(address account) external {
        if (msg.sender != owner) revert NotAllowed();
        member[members++] = Member(account, true, 0, 0);
    }

    function propose(uint32 at, address patient, bytes16 ticket) external {
        Member storage provider = member[at];
        if (msg.sender != provider.account || !provider.active) revert NotAllowed();
        if (used[patient]) revert KeyUsed();
        used[patient] = true;
        uint64 id = (uint64(at) << 32) | provider.nextIndex++;
        relationship[id] = Relationship(patient, Status.Proposed, 0, 0, 0, ticket);
        emit Proposed(id, patient, ticket);
    }

    function accept(uint64 id) external {
        Relationship storage r = relationship[id];
        if (msg.sender != r.patient) revert NotAllowed();
        if (r.status != Status.Proposed) revert WrongStatus();
        r.status = Status.Active;
        r.ticket = 0;
        emit Accepted(id);
    }

    /// Sealed terms: the provider's current key, 136 bytes of encapsulated key and ciphertext, a commitment.
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
    ) external returns (uint32 number) {
        Relationship storage r = relationship[id];
        if (msg.sender != r.patient) revert NotAllowed();
        if (r.status != Status.Active) revert WrongStatus();
        if (viewerKind == 0 && viewer == bytes32(uint256(uint160(r.patient)))) revert ViewerIsPatient();
        if (viewerKind == 1 && uint256(viewer) >= members) revert UnknownViewer();
        if (viewerKind > 1) revert UnknownViewer();
        uint256 starts = notBefore > block.timestamp ? notBefore : block.timestamp;
        if (notAfter != 0 && starts >= notAfter) revert BadTerm();
        if (terms.length != SEALED_BYTES) revert BadTerms();
        Member storage provider = member[uint32(id >> 32)];
        if (sealingKey != provider.sealingKey) revert StaleSealingKey();
        if (r.allows >= MAX_ALLOWS) revert TooManyRules();
        number = r.nextGrant;
        r.nextGrant = number + 1;
        r.allows += 1;
        rule[id][number] = Grant({
            viewer: viewer,
            sealed0: bytes32(terms[0:32]),
            sealed1: bytes32(terms[32:64]),
            sealed2: bytes32(terms[64:96]),
            sealed3: bytes32(terms[96:128]),
            commitment: commitment,
            tail: bytes8(terms[128:136]),
            notBefore: notBefore,
            notAfter: notAfter,
            sealingKey: sealingKey,
            viewerKind: viewerKind,
            deny: false,
            mayShare: mayShare,
            there: true
        });
        emit Granted(id, number, viewerKind, viewer);
    }

    function revoke(uint64 id, uint32 number) external {
        Relationship storage r = relationship[id];
        if (msg.sender != r.patient) revert NotAllowed();
        Grant storage g = rule[id][number];
        if (!g.there) revert UnknownGrant();
        if (g.deny) r.denials -= 1;
        else r.allows -= 1;
        delete rule[id][number];
        emit Revoked(id, number);
    }
}
