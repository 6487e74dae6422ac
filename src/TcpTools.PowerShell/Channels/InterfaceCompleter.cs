using System.Collections;
using System.Collections.Generic;
using System.Linq;
using TcpTools.Channels;

namespace TcpTools.PowerShell;

/// <summary>Completes the names of the kernel's interfaces.</summary>
public sealed class InterfaceCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) => PacketInterface.GetAll()
        .Select(i => (i.Name, $"{i.Kind}, {(i.IsUp ? "up" : "down")}, MTU {i.Mtu}: {string.Join(", ", i.Addresses)}"));
}
