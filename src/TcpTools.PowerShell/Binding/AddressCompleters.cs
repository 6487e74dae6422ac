using System.Collections;
using System.Collections.Generic;
using System.IO;
using System.Linq;
using TcpTools.Stack;

namespace TcpTools.PowerShell;

/// <summary>Completes the addresses of the stack that the command names, or of the default one.</summary>
public sealed class OwnAddressCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        (Bound(bound) ?? ModuleState.Current.DefaultStack)?.Addresses.Select(a => (a.Address.ToString(), a.ToString())) ?? [];

    private static TcpStack? Bound(IDictionary bound) => bound["Stack"] switch
    {
        TcpStack stack => stack,
        string name => ModuleState.Current.Stacks.FirstOrDefault(s => s.Name == name),
        _ => null,
    };
}

/// <summary>Completes addresses of peers: those of this runspace's stacks, and those that sessions go to.</summary>
public sealed class PeerAddressCompleter : WordCompleter
{
    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        ModuleState.Current.Stacks.SelectMany(s => s.Addresses.Select(a => (a.Address.ToString(), $"stack {s.Name}")))
            .Concat(ModuleState.Current.Stacks.Where(s => s.Options.Gateway is not null)
                .Select(s => (s.Options.Gateway.ToString()!, $"gateway of {s.Name}")))
            .Concat(ModuleState.Current.Sessions.Select(s => (s.RemoteAddress.ToString(), $"peer of session {s.Id}")))
            .DistinctBy(word => word.Item1);
}

/// <summary>Completes the names of network namespaces.</summary>
public sealed class NetworkNamespaceCompleter : WordCompleter
{
    private const string Folder = "/run/netns";

    private protected override IEnumerable<(string Word, string About)> GetWords(IDictionary bound) =>
        Directory.Exists(Folder) ? Directory.GetFiles(Folder).Order().Select(f => (Path.GetFileName(f), f)) : [];
}
