using System;
using System.Collections.Generic;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <summary>One port after another, and from the last back to the first: what the oldest systems did, and what is easy to follow.</summary>
/// <param name="first">The first port.</param>
/// <param name="last">The last port.</param>
public sealed class SequentialPorts(int first, int last) : IPortSelector
{
    private int _offset;

    /// <inheritdoc/>
    public string Name => "sequential";

    /// <inheritdoc/>
    public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        ArgumentNullException.ThrowIfNull(isFree);
        for (int tries = last - first + 1; tries > 0; tries--)
        {
            port = (ushort)(first + _offset);
            _offset = first + _offset == last ? 0 : _offset + 1;
            if (isFree(port))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}

/// <summary>A random port each time (RFC 6056, 3.3.1); the search for a free one goes on from there.</summary>
/// <param name="random">Where the choices come from.</param>
/// <param name="first">The first port.</param>
/// <param name="last">The last port.</param>
public sealed class RandomPorts(RandomSource random, int first, int last) : IPortSelector
{
    /// <inheritdoc/>
    public string Name => "random";

    /// <inheritdoc/>
    public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        ArgumentNullException.ThrowIfNull(isFree);
        int count = last - first + 1;
        int start = random.Next(count);
        for (int tries = 0; tries < count; tries++)
        {
            port = (ushort)(first + ((start + tries) % count));
            if (isFree(port))
            {
                return true;
            }
        }

        port = 0;
        return false;
    }
}

/// <summary>The first free one of a list.</summary>
public sealed class PortList : IPortSelector
{
    private readonly ushort[] _ports;

    /// <summary>A choice among these ports.</summary>
    /// <exception cref="StackException">There is none, or one is no port.</exception>
    public PortList(IEnumerable<int> ports)
    {
        ArgumentNullException.ThrowIfNull(ports);
        List<ushort> list = [];
        foreach (int port in ports)
        {
            list.Add(port is > 0 and <= ushort.MaxValue
                ? (ushort)port
                : throw new StackException(StackError.InvalidArgument, $"{port} is no port; a port is a number from 1 to 65535."));
        }

        _ports = list.Count > 0 ? [.. list] : throw new StackException(StackError.InvalidArgument, "A list of ports has at least one.");
    }

    /// <inheritdoc/>
    public string Name => "list";

    /// <inheritdoc/>
    public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        ArgumentNullException.ThrowIfNull(isFree);
        foreach (ushort candidate in _ports)
        {
            if (isFree(candidate))
            {
                port = candidate;
                return true;
            }
        }

        port = 0;
        return false;
    }
}

/// <summary>Somebody else's choice, which may fail: then that of RFC 6056 does.</summary>
internal sealed class GuardedPortSelector(IPortSelector inner, IPortSelector fallback, PartErrors errors) : IPortSelector
{
    public string Name => inner.Name;

    public bool MayBlock => inner.MayBlock;

    public bool TrySelect(NetworkAddress local, NetworkAddress remote, ushort remotePort, Func<ushort, bool> isFree, out ushort port)
    {
        try
        {
            bool found = inner.TrySelect(local, remote, remotePort, isFree, out port);
            // Nobody gets a port that another has.
            if (!found || (port != 0 && isFree(port)))
            {
                return found;
            }

            errors.Add(PartKind.PortSelection, Name, new StackException(StackError.AddressInUse, $"Port {port} is not free."));
        }
#pragma warning disable CA1031 // Whatever it is, it is the selector's fault.
        catch (Exception e)
#pragma warning restore CA1031
        {
            errors.Add(PartKind.PortSelection, Name, e);
        }

        return fallback.TrySelect(local, remote, remotePort, isFree, out port);
    }
}
