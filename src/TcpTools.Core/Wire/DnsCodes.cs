namespace TcpTools.Wire;

/// <summary>What a DNS record holds, or a question asks for (IANA DNS parameters). Numbers without a name here are legal too.</summary>
public enum DnsType : ushort
{
    /// <summary>No type (RFC 6895, 3.1).</summary>
    None = 0,

    /// <summary>An IPv4 address (RFC 1035, 3.4.1).</summary>
    A = 1,

    /// <summary>A name server (RFC 1035, 3.3.11).</summary>
    NS = 2,

    /// <summary>The name that this one is an alias of (RFC 1035, 3.3.1).</summary>
    CNAME = 5,

    /// <summary>The start of a zone (RFC 1035, 3.3.13).</summary>
    SOA = 6,

    /// <summary>A pointer, as from an address to a name (RFC 1035, 3.3.12).</summary>
    PTR = 12,

    /// <summary>A host's processor and system (RFC 1035, 3.3.2).</summary>
    HINFO = 13,

    /// <summary>A mail exchange (RFC 1035, 3.3.9).</summary>
    MX = 15,

    /// <summary>Texts (RFC 1035, 3.3.14).</summary>
    TXT = 16,

    /// <summary>An IPv6 address (RFC 3596).</summary>
    AAAA = 28,

    /// <summary>Where a service is (RFC 2782).</summary>
    SRV = 33,

    /// <summary>Rewriting rules (RFC 3403).</summary>
    NAPTR = 35,

    /// <summary>The alias of a whole subtree (RFC 6672).</summary>
    DNAME = 39,

    /// <summary>Not a record but the sender's extensions, EDNS (RFC 6891).</summary>
    OPT = 41,

    /// <summary>The digest of a child zone's key (RFC 4034, 5).</summary>
    DS = 43,

    /// <summary>A fingerprint of an SSH key (RFC 4255).</summary>
    SSHFP = 44,

    /// <summary>A signature (RFC 4034, 3).</summary>
    RRSIG = 46,

    /// <summary>The next name and the types here: what does not exist (RFC 4034, 4).</summary>
    NSEC = 47,

    /// <summary>A zone's public key (RFC 4034, 2).</summary>
    DNSKEY = 48,

    /// <summary>The next hashed name and the types here (RFC 5155).</summary>
    NSEC3 = 50,

    /// <summary>The certificate of a TLS server (RFC 6698).</summary>
    TLSA = 52,

    /// <summary>How to reach a service (RFC 9460).</summary>
    SVCB = 64,

    /// <summary>How to reach a web server (RFC 9460).</summary>
    HTTPS = 65,

    /// <summary>A transaction's signature (RFC 8945).</summary>
    TSIG = 250,

    /// <summary>A question for the changes of a zone (RFC 1995).</summary>
    IXFR = 251,

    /// <summary>A question for a whole zone (RFC 5936).</summary>
    AXFR = 252,

    /// <summary>A question for all types (RFC 8482).</summary>
    ANY = 255,

    /// <summary>Who may issue certificates (RFC 8659).</summary>
    CAA = 257,
}

/// <summary>A class of DNS data: in practice the Internet (RFC 1035, 3.2.4).</summary>
public enum DnsClass : ushort
{
    /// <summary>No class (RFC 6895, 3.2).</summary>
    Reserved = 0,

    /// <summary>The Internet.</summary>
    IN = 1,

    /// <summary>Chaos, used to ask servers about themselves.</summary>
    CH = 3,

    /// <summary>Hesiod.</summary>
    HS = 4,

    /// <summary>No class at all: deletes in an update (RFC 2136).</summary>
    None = 254,

    /// <summary>A question for all classes.</summary>
    Any = 255,
}

/// <summary>What kind of message this is (RFC 6895, 2.2); 4 bits.</summary>
public enum DnsOpcode
{
    /// <summary>A question and its answer.</summary>
    Query = 0,

    /// <summary>An inverse query (RFC 3425: obsolete).</summary>
    InverseQuery = 1,

    /// <summary>A question for a server's state.</summary>
    Status = 2,

    /// <summary>A zone has changed (RFC 1996).</summary>
    Notify = 4,

    /// <summary>A change to a zone (RFC 2136).</summary>
    Update = 5,

    /// <summary>Stateful operations (RFC 8490).</summary>
    Stateful = 6,
}

/// <summary>How a question was answered (RFC 6895, 2.3): 4 bits in the header, 8 more in the OPT record.</summary>
public enum DnsResponseCode
{
    /// <summary>Without an error.</summary>
    NoError = 0,

    /// <summary>The question's form is wrong.</summary>
    FormatError = 1,

    /// <summary>The server could not answer.</summary>
    ServerFailure = 2,

    /// <summary>The name does not exist.</summary>
    NameError = 3,

    /// <summary>The server does not know this kind of question.</summary>
    NotImplemented = 4,

    /// <summary>The server does not want to answer.</summary>
    Refused = 5,

    /// <summary>A name exists that should not (RFC 2136).</summary>
    NameExists = 6,

    /// <summary>Records exist that should not (RFC 2136).</summary>
    RecordsExist = 7,

    /// <summary>Records do not exist that should (RFC 2136).</summary>
    NoRecords = 8,

    /// <summary>The server does not have the zone, or the sender may not (RFC 2136, RFC 8945).</summary>
    NotAuthorized = 9,

    /// <summary>The name is not in the zone (RFC 2136).</summary>
    NotInZone = 10,

    /// <summary>The version of EDNS is not known, or the transaction's signature is wrong (RFC 6891, RFC 8945).</summary>
    BadVersion = 16,

    /// <summary>The server cookie is wrong (RFC 7873).</summary>
    BadCookie = 23,
}
