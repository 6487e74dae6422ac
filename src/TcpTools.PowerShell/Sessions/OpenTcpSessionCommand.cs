using System;
using System.Collections;
using System.Globalization;
using System.Management.Automation;
using System.Net;
using TcpTools.Sockets;
using TcpTools.Stack;
using TcpTools.Tcp;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Opens a TCP session from a stack, or by the kernel's TCP, to a peer and waits until it is established.</summary>
[Cmdlet(VerbsCommon.Open, "TcpSession", DefaultParameterSetName = "Stack")]
[OutputType(typeof(TcpSession))]
public sealed class OpenTcpSessionCommand : TcpToolsCmdlet
{
    /// <summary>The peer: an address, or a name that the host's resolver knows.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipelineByPropertyName = true)]
    [Alias("ComputerName", "HostName", "Address")]
    [ValidateNotNullOrEmpty]
    [ArgumentCompleter(typeof(PeerAddressCompleter))]
    public string RemoteAddress { get; set; } = "";

    /// <summary>The peer's port.</summary>
    [Parameter(Mandatory = true, Position = 1, ValueFromPipelineByPropertyName = true)]
    [Alias("Port")]
    [ValidateRange(1, 65535)]
    [ArgumentCompleter(typeof(WellKnownPortCompleter))]
    public int RemotePort { get; set; }

    /// <summary>The stack to open it from.</summary>
    [Parameter(ParameterSetName = "Stack")]
    [StackTransform]
    [ArgumentCompleter(typeof(StackCompleter))]
    public TcpStack? Stack { get; set; }

    /// <summary>Lets the kernel's TCP run the session.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Kernel")]
    public SwitchParameter Kernel { get; set; }

    /// <summary>One of the stack's own addresses, or of the host's; on Ethernet any that nobody has.</summary>
    [Parameter]
    [AddressTransform]
    [Alias("SourceAddress")]
    [ArgumentCompleter(typeof(OwnAddressCompleter))]
    public IPAddress? LocalAddress { get; set; }

    /// <summary>The local port.</summary>
    [Parameter]
    [ValidateRange(1, 65535)]
    public int LocalPort { get; set; }

    /// <summary>How long the handshake may take.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 30;

    /// <summary>Returns at once, in SYN-SENT.</summary>
    [Parameter]
    public SwitchParameter NoWait { get; set; }

    /// <summary>Small pieces of data go out at once.</summary>
    [Parameter]
    public SwitchParameter NoDelay { get; set; }

    /// <summary>The peer is probed when the session has been idle for long.</summary>
    [Parameter]
    public SwitchParameter KeepAlive { get; set; }

    /// <summary>Whose habits the session has.</summary>
    [Parameter(ParameterSetName = "Stack")]
    public TcpProfile Profile { get; set; }

    /// <summary>TCP options to change, by name.</summary>
    [Parameter(ParameterSetName = "Stack")]
    [ArgumentCompleter(typeof(TcpOptionCompleter))]
    public Hashtable? Option { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        Subject = string.Create(CultureInfo.InvariantCulture, $"{RemoteAddress}:{RemotePort}");
        TcpSession session = Kernel ? OpenByKernel() : OpenFromStack();
        State.LastSession = session;
        WriteObject(session);
    }

    private TcpSession OpenFromStack()
    {
        TcpStack stack = RequireStack(Stack);
        NetworkAddress peer = HostNames.Resolve(RemoteAddress, StopToken);
        bool isProfiled = MyInvocation.BoundParameters.ContainsKey(nameof(Profile));
        TcpSettings settings = RecordOptions.Apply(isProfiled ? TcpSettings.For(Profile) : stack.Options.Tcp, Option);
        using SourceAddress source = SourceAddress.Prepare(stack, LocalAddress, StopToken);
        TcpSession session = stack.Connect(new ConnectOptions
        {
            RemoteAddress = peer,
            RemotePort = RemotePort,
            LocalAddress = source.Address,
            LocalPort = LocalPort == 0 ? null : LocalPort,
            Settings = settings,
        });
        Prepare(session);
        // Nobody else moves a manual stack, so that its handshake is the user's to walk through.
        if (!NoWait && !IsManual(stack))
        {
            WaitUntilEstablished(session);
        }

        return session;
    }

    private KernelSession OpenByKernel()
    {
        NetworkAddress[] peers = HostNames.ResolveAll(RemoteAddress, StopToken);
        if (LocalAddress is not null)
        {
            peers = Array.FindAll(peers, peer => peer.AddressFamily == LocalAddress.AddressFamily);
        }

        if (peers.Length == 0)
        {
            throw new StackException(
                StackError.NoRoute,
                $"'{RemoteAddress}' and {LocalAddress} are addresses of different versions of IP.",
                "Give a -LocalAddress of the peer's version, or none.");
        }

        for (int i = 0; ; i++)
        {
            try
            {
                return Open(peers[i]);
            }
            catch (StackException e) when (i + 1 < peers.Length)
            {
                // A name may stand for addresses that are not served; the last one's error is the one that is told.
                WriteVerbose($"{peers[i]}: {e.Message}");
            }
        }
    }

    private KernelSession Open(NetworkAddress peer)
    {
        KernelSession session = KernelSession.Connect(new KernelConnectOptions
        {
            RemoteAddress = peer,
            RemotePort = RemotePort,
            LocalAddress = LocalAddress is null ? null : NetworkAddress.From(LocalAddress),
            LocalPort = LocalPort == 0 ? null : LocalPort,
        });
        Prepare(session);
        if (!NoWait)
        {
            WaitUntilEstablished(session);
        }

        State.KernelSessions.Add(session);
        return session;
    }

    private void Prepare(TcpSession session)
    {
        if (NoDelay)
        {
            session.NoDelay = true;
        }

        if (KeepAlive)
        {
            session.KeepAlive = true;
        }

        WriteVerbose($"{session.Flow}: {session.State}");
    }

    private void WaitUntilEstablished(TcpSession session)
    {
        bool established = false;
        try
        {
            established = session.WaitFor(SessionCondition.Established, Limit(TimeoutSec), StopToken);
            if (established)
            {
                WriteVerbose($"{session.Flow}: {session.State}");
                return;
            }

            throw session.Failure
                ?? new StackException(
                    StackError.TimedOut,
                    string.Create(CultureInfo.InvariantCulture, $"{Subject} did not answer within {TimeoutSec} s."),
                    "Check the address, and that the peer has a route back to this side's address; or give more -TimeoutSec.");
        }
        finally
        {
            // Whoever gets no session must not leave one behind, Ctrl+C included.
            if (!established)
            {
                session.Abort();
            }
        }
    }
}
