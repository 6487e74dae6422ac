using System;
using System.Net;
using System.Net.Http;
using System.Net.Sockets;
using System.Threading;
using System.Threading.Tasks;
using TcpTools.Wire;

namespace TcpTools.Stack;

/// <content>Connections as streams.</content>
public sealed partial class TcpStack
{
    /// <summary>
    /// Opens a connection to a name, resolved as the host does, or an address, and gives it as a stream when it is
    /// established. The names' addresses are tried one after the other.
    /// </summary>
    /// <exception cref="StackException">As for <see cref="Connect"/>, and what ended the connection.</exception>
    /// <exception cref="SocketException">The name has no address.</exception>
    /// <exception cref="OperationCanceledException">The wait was cancelled; no connection is left.</exception>
    public async Task<TcpSessionStream> ConnectStreamAsync(string host, int port, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(host);
        IPAddress[] addresses = IPAddress.TryParse(host.Trim('[', ']'), out IPAddress? address)
            ? [address]
            : await Dns.GetHostAddressesAsync(host, AddressFamily.InterNetwork, cancellationToken).ConfigureAwait(false);
        StackException? failure = null;
        foreach (IPAddress one in addresses)
        {
            try
            {
                TcpSession session = Connect(new ConnectOptions { RemoteAddress = NetworkAddress.From(one), RemotePort = port });
                if (await IsEstablished(session, cancellationToken).ConfigureAwait(false))
                {
                    return session.AsStream();
                }

                failure = session.Failure;
            }
            catch (StackException e)
            {
                failure = e;
            }
        }

        throw failure ?? new StackException(StackError.UnknownHost, $"'{host}' has no IPv4 address.");
    }

    /// <summary>A handler for <see cref="HttpClient"/> whose connections are this stack's.</summary>
    public SocketsHttpHandler CreateHttpHandler() => new()
    {
        // The system's proxy would be asked by the kernel's connections.
        UseProxy = false,
        ConnectCallback = async (context, cancellationToken) => await ConnectStreamAsync(
            context.DnsEndPoint.Host, context.DnsEndPoint.Port, cancellationToken).ConfigureAwait(false),
    };

    private static async Task<bool> IsEstablished(TcpSession session, CancellationToken cancellationToken)
    {
        bool established = false;
        try
        {
            established = await session.WaitForAsync(
                SessionCondition.Established, Timeout.InfiniteTimeSpan, cancellationToken).ConfigureAwait(false);
            return established;
        }
        finally
        {
            if (!established && session.State != Tcp.TcpState.Closed)
            {
                session.Abort();
            }
        }
    }
}
