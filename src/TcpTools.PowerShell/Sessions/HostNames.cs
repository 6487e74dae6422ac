using System;
using System.Net;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Names of hosts, resolved as every other program on this machine does.</summary>
internal static class HostNames
{
    /// <summary>The address that a name or a text stands for.</summary>
    /// <exception cref="StackException">The name has no address.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static NetworkAddress Resolve(string name, CancellationToken cancellationToken)
    {
        if (Addresses.TryRead(name.Trim('[', ']'), out NetworkAddress address))
        {
            return address;
        }

        return Query(name, AddressFamily.InterNetwork, "IPv4 address", cancellationToken)[0];
    }

    /// <summary>All addresses of both versions of IP that a name or a text stands for, in the resolver's order.</summary>
    /// <exception cref="StackException">The name has no address.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled.</exception>
    public static NetworkAddress[] ResolveAll(string name, CancellationToken cancellationToken) =>
        Addresses.TryRead(name.Trim('[', ']'), out NetworkAddress address)
            ? [address]
            : Query(name, AddressFamily.Unspecified, "address", cancellationToken);

    private static NetworkAddress[] Query(string name, AddressFamily family, string wanted, CancellationToken cancellationToken)
    {
        IPAddress[] found;
        try
        {
            // The resolver itself cannot be interrupted; we only stop waiting for it.
            Task<IPAddress[]> query = Task.Run(() => Dns.GetHostAddresses(name, family), CancellationToken.None);
            found = query.WaitAsync(cancellationToken).GetAwaiter().GetResult();
        }
        catch (Exception e) when (e is SocketException or ArgumentException)
        {
            throw Unknown(name, wanted, e);
        }

        return found.Length > 0 ? Array.ConvertAll(found, NetworkAddress.From) : throw Unknown(name, wanted, null);
    }

    private static StackException Unknown(string name, string wanted, Exception? cause) => new(
        StackError.UnknownHost,
        $"'{name}' has no {wanted}.",
        "Check the spelling, or give an address; names are resolved by the host's own resolver.",
        cause);
}
