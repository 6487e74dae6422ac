using System;

namespace TcpTools.Forwarding;

/// <summary>Which way data goes.</summary>
public enum ForwardDirection
{
    /// <summary>From the client to the peer.</summary>
    ToPeer,

    /// <summary>From the peer to the client.</summary>
    ToClient,
}

/// <summary>
/// Sees data before it is passed on. Of one direction of a connection it gets the next piece when it is done with the last;
/// connections and directions go on beside each other.
/// </summary>
public interface IForwardHook
{
    /// <summary>Looks at a piece, changes it if it wants to, and says when it is done, on whatever thread.</summary>
    /// <param name="data">The piece. It may be used until <paramref name="done"/> is called.</param>
    /// <param name="done">To be called once; with an error, the piece goes on as it came.</param>
    void Examine(ForwardedData data, Action<Exception?> done);
}

/// <summary>Hooks from delegates.</summary>
public static class ForwardHook
{
    /// <summary>A hook that is done when the delegate returns. What it throws is counted, and the piece goes on as it came.</summary>
    public static IForwardHook From(Action<ForwardedData> examine)
    {
        ArgumentNullException.ThrowIfNull(examine);
        return new DelegateHook(examine);
    }

    private sealed class DelegateHook(Action<ForwardedData> examine) : IForwardHook
    {
        public void Examine(ForwardedData data, Action<Exception?> done)
        {
            Exception? fault = null;
            try
            {
                examine(data);
            }
#pragma warning disable CA1031 // A hook's fault is its own: the connection goes on.
            catch (Exception e)
#pragma warning restore CA1031
            {
                fault = e;
            }

            done(fault);
        }
    }
}
