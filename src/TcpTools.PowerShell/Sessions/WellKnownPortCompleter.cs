using System.Collections;
using System.Collections.Generic;

namespace TcpTools.PowerShell;

/// <summary>Completes the ports of services that people try by hand.</summary>
public sealed class WellKnownPortCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
    [
        ("7", "echo"), ("9", "discard"), ("13", "daytime"), ("21", "ftp"), ("22", "ssh"), ("23", "telnet"), ("25", "smtp"),
        ("53", "dns"), ("79", "finger"), ("80", "http"), ("110", "pop3"), ("143", "imap"), ("179", "bgp"), ("389", "ldap"),
        ("443", "https"), ("445", "smb"), ("587", "submission"), ("993", "imaps"), ("3306", "mysql"), ("5201", "iperf3"),
        ("5432", "postgresql"), ("6379", "redis"), ("8080", "http-alt"),
    ];
}
