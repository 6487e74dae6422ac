using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Stack;
using TcpTools.Tcp;

namespace TcpTools.PowerShell;

/// <summary>Completes the names of choices of initial sequence numbers.</summary>
public sealed class InitialSequenceCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        TcpParts.InitialSequences.Select(part => (part.Name, part.Description));
}

/// <summary>Completes the names of congestion controls.</summary>
public sealed class CongestionControlCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        TcpParts.CongestionControls.Select(part => (part.Name, part.Description));
}

/// <summary>Completes the names of retransmission timeouts.</summary>
public sealed class RetransmissionTimeoutCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        TcpParts.RetransmissionTimeouts.Select(part => (part.Name, part.Description));
}

/// <summary>Completes the names of option layouts.</summary>
public sealed class OptionLayoutCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        TcpParts.OptionLayouts.Select(part => (part.Name, part.Description));
}

/// <summary>Completes the names of choices of local ports.</summary>
public sealed class PortSelectionCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        StackParts.PortSelections.Select(part => (part.Name, part.Description));
}
