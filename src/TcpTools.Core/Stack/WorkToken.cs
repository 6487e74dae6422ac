using System;

namespace TcpTools.Stack;

/// <summary>
/// Work that goes on beside the thread that moves a virtual network, such as a handler on a thread of its own. While any is
/// open, whoever moves the network waits for it and simulated time stands still, so that work takes no simulated time,
/// however long it takes. The thread that does the work adopts the token: when it waits in simulated time, the
/// network moves on meanwhile. From <see cref="VirtualNetwork.BeginWork"/>; disposing ends it.
/// </summary>
public sealed class WorkToken : IDisposable
{
    [ThreadStatic]
    private static WorkToken? s_current;

    private WorkToken? _outer;

    internal WorkToken(VirtualNetwork network, long number)
    {
        Network = network;
        Number = number;
    }

    /// <summary>The network whose time it holds.</summary>
    public VirtualNetwork Network { get; }

    /// <summary>The order in which work was begun.</summary>
    internal long Number { get; }

    /// <summary>Whether it holds time: it has not ended, and its thread does not wait in simulated time.</summary>
    internal bool IsActive { get; set; }

    internal bool IsEnded { get; set; }

    /// <summary>Whether it has been waited for long enough; time goes on without it.</summary>
    internal bool IsOverdue { get; set; }

    /// <summary>Since when it holds time, in milliseconds of the machine's.</summary>
    internal long ActiveSince { get; set; }

    /// <summary>From now on the calling thread does this work, until it has ended.</summary>
    public void Adopt()
    {
        Prune();
        for (WorkToken? token = s_current; token is not null; token = token._outer)
        {
            if (ReferenceEquals(token, this))
            {
                return;
            }
        }

        _outer = s_current;
        s_current = this;
    }

    /// <summary>Ends the work. Any thread may; again does nothing.</summary>
    public void Dispose() => Network.EndWork(this);

    /// <summary>The work in a network that the calling thread does; null for none.</summary>
    public static WorkToken? Of(VirtualNetwork network)
    {
        Prune();
        for (WorkToken? token = s_current; token is not null; token = token._outer)
        {
            if (!token.IsEnded && ReferenceEquals(token.Network, network))
            {
                return token;
            }
        }

        return null;
    }

    private static void Prune()
    {
        while (s_current is { IsEnded: true } ended)
        {
            s_current = ended._outer;
        }
    }
}
