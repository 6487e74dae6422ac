using System.Collections;
using System.Collections.Generic;

namespace TcpTools.PowerShell;

/// <summary>Completes the combinations of TCP control bits that segments have.</summary>
public sealed class TcpFlagsCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("Syn", "opens a connection"),
        ("Syn,Ack", "answers a SYN"),
        ("Ack", "acknowledges"),
        ("Psh,Ack", "carries data to be delivered at once"),
        ("Fin,Ack", "finishes one direction"),
        ("Rst", "refuses"),
        ("Rst,Ack", "refuses a SYN"),
        ("Urg,Ack", "carries urgent data"),
        ("Fin,Psh,Urg", "no sound segment: a Christmas tree"),
        ("None", "no sound segment: a null probe"),
    ];
}

/// <summary>Completes TCP options as text.</summary>
public sealed class TcpSegmentOptionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("mss 1460", "maximum segment size"),
        ("wscale 7", "window scale"),
        ("sackOK", "selective acknowledgments permitted"),
        ("TS val 1 ecr 0", "timestamps"),
        ("nop", "filling"),
        ("eol", "end of the options"),
        ("sack {1:2}", "selective acknowledgment"),
        ("unknown-77 0x0102", "any kind with any data"),
    ];
}
