using System;
using System.Collections.Generic;
using System.Linq;
using System.Threading;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Wire;

namespace TcpTools.Probing;

/// <summary>A host and its true Ethernet address.</summary>
/// <param name="Address">Its IP address.</param>
/// <param name="HardwareAddress">Its Ethernet address.</param>
public sealed record ArpSpoofHost(NetworkAddress Address, MacAddress HardwareAddress)
{
    /// <summary>Both addresses.</summary>
    public override string ToString() => $"{Address} {HardwareAddress}";
}

/// <summary>
/// Tells hosts on an Ethernet link, again and again, that an address is at another Ethernet address than its owner's, and tells them the
/// truth when it ends, however that comes about as long as the process can still do something. For looking at the traffic of one's own
/// machines, and for testing what watches over ARP. Real time has a thread of its own; in simulated time it goes on as the network moves.
/// </summary>
public sealed class ArpSpoof : IDisposable
{
    private static readonly TimeSpan s_reaction = TimeSpan.FromMilliseconds(50);

    // Many hosts do not believe a second, different message within a second of the first.
    private static readonly TimeSpan s_lockTime = TimeSpan.FromSeconds(1.1);
    private static long s_lastId;

    private readonly IPacketChannel _channel;
    private readonly ArpSpoofOptions _options;
    private readonly Dictionary<NetworkAddress, MacAddress> _true = [];
    private readonly CancellationTokenSource _stop = new();
    private readonly Lock _lock = new();
    private IDisposable? _frames;
    private IDisposable? _timer;
    private Thread? _thread;
    private Instant _next;
    private Instant _lastTold;
    private long _told;
    private long _forwarded;
    private int _stopped;

    private ArpSpoof(IPacketChannel channel, ArpSpoofOptions options)
    {
        _channel = channel;
        _options = options;
        Id = Interlocked.Increment(ref s_lastId);
        Name = options.Name ?? FormattableString.Invariant($"spoof{Id}");
    }

    /// <summary>The number in the process: rising, never used again.</summary>
    public long Id { get; }

    /// <summary>The name.</summary>
    public string Name { get; }

    /// <summary>The address whose place is taken.</summary>
    public NetworkAddress Address => _options.Address;

    /// <summary>The hosts that are told; none: all of the link.</summary>
    public IReadOnlyList<NetworkAddress> Targets => _options.Targets;

    /// <summary>The Ethernet address that they are told.</summary>
    public MacAddress HardwareAddress => _options.HardwareAddress;

    /// <summary>Whether the owner of the address is told about the targets as well.</summary>
    public bool BothWays => _options.BothWays;

    /// <summary>The link or interface.</summary>
    public string Channel => _channel.Name;

    /// <summary>The owner of the address and the targets with their true Ethernet addresses.</summary>
    public IReadOnlyList<ArpSpoofHost> Hosts => [.. _true.Select(pair => new ArpSpoofHost(pair.Key, pair.Value))];

    /// <summary>Whether it goes on.</summary>
    public bool IsRunning => Volatile.Read(ref _stopped) == 0;

    /// <summary>Messages sent that are not true.</summary>
    public long Told => Interlocked.Read(ref _told);

    /// <summary>Packets passed on to where they belong.</summary>
    public long Forwarded => Interlocked.Read(ref _forwarded);

    /// <summary>What has ended it when it was not stopped; null when nothing has.</summary>
    public Exception? LastError { get; private set; }

    /// <summary>
    /// Asks for the true addresses, so that the truth can be told at the end, and begins. Where they cannot be found out, nothing is
    /// told at all.
    /// </summary>
    /// <param name="channel">The link; from now on the spoof's, which closes it. Not when this fails.</param>
    /// <param name="options">Who is told what.</param>
    /// <param name="cancellationToken">Ends the asking.</param>
    /// <exception cref="StackException">The link has no Ethernet frames, a host does not answer, or an option makes no sense.</exception>
    /// <exception cref="OperationCanceledException">The asking was cancelled.</exception>
    public static ArpSpoof Start(IPacketChannel channel, ArpSpoofOptions options, CancellationToken cancellationToken = default)
    {
        ArgumentNullException.ThrowIfNull(channel);
        ArgumentNullException.ThrowIfNull(options);
        Validate(channel, options);
        ArpSpoof spoof = new(channel, options);
        channel.Listen(null);
        foreach (NetworkAddress host in options.Targets.Prepend(options.Address))
        {
            spoof._true[host] = spoof.Resolve(host, cancellationToken);
        }

        spoof.Begin();
        return spoof;
    }

    /// <summary>
    /// Ends it, and tells the truth: at once, and again when those who heard the last untrue word believe another one, which takes a second.
    /// Never throws for what the link does.
    /// </summary>
    public void Stop()
    {
        if (Interlocked.Exchange(ref _stopped, 1) != 0)
        {
            return;
        }

        _stop.Cancel();
        _frames?.Dispose();
        _timer?.Dispose();
        if (_thread is not null && _thread != Thread.CurrentThread)
        {
            _thread.Join();
        }

        Restore();
        _channel.Dispose();
    }

    /// <inheritdoc cref="Stop"/>
    public void Dispose() => Stop();

    /// <summary>Who is told what.</summary>
    public override string ToString() =>
        $"{Name}: {Address} is at {HardwareAddress} for {(Targets.Count == 0 ? "everybody" : string.Join(", ", Targets))}";

    private static void Validate(IPacketChannel channel, ArpSpoofOptions options)
    {
        string? problem = options switch
        {
            _ when channel.Start != PacketStart.Ethernet => $"Frames of {channel.Name} do not start with an Ethernet header, so that there is no ARP.",
            _ when !options.Address.IsIPv4 || options.Targets.Any(t => !t.IsIPv4) => "ARP is about IPv4 addresses.",
            _ when options.Targets.Contains(options.Address) => $"{options.Address} cannot be told about itself.",
            { BothWays: true, Targets.Count: 0 } => "Both ways needs targets: their addresses are what the owner is told about.",
            _ when options.HardwareAddress.IsGroup || options.HardwareAddress == MacAddress.None => $"{options.HardwareAddress} is not the Ethernet address of one station.",
            _ when options.Interval <= TimeSpan.Zero || options.Restorations < 1 => "The interval is positive, and the truth is told at least once.",
            _ => null,
        };
        if (problem is not null)
        {
            throw new StackException(StackError.InvalidArgument, problem, "Use an Ethernet link, and IPv4 addresses of hosts on it.");
        }
    }

    private void Begin()
    {
        _next = _channel.Now;
        _timer = PacketChannel.TryAttach(_channel, Service, () => _next);
        if (_timer is not null)
        {
            _frames = PacketChannel.TryAttach(_channel, OnFrame);
            return;
        }

        _thread = new Thread(Run) { IsBackground = true, Name = $"TcpTools {Name}" };
        _thread.Start();
    }

    private void Run()
    {
        try
        {
            while (!_stop.IsCancellationRequested)
            {
                Service();
                if (_channel.Receive(_next, _stop.Token) is { } frame)
                {
                    OnFrame(frame);
                }
            }
        }
        catch (OperationCanceledException)
        {
            // Stopped.
        }
        catch (Exception e)
        {
            // The interface is gone, or something unforeseen: on a thread of its own, nothing may escape.
            LastError = e;
            Stop();
        }
    }

    /// <summary>Tells again when it is time; whether it was.</summary>
    private bool Service()
    {
        Instant now = _channel.Now;
        lock (_lock)
        {
            if (now < _next || _stop.IsCancellationRequested)
            {
                return false;
            }

            _next = now + _options.Interval;
            _lastTold = now;
        }

        Interlocked.Add(ref _told, Tell(isTrue: false));
        return true;
    }

    private void OnFrame(RawFrame frame)
    {
        if (frame.Direction == FrameDirection.Outgoing || _stop.IsCancellationRequested)
        {
            return;
        }

        ReadOnlySpan<byte> bytes = frame.Bytes.Span;
        EthernetView ethernet = new(bytes);
        if (ethernet.EtherType == EtherType.Arp)
        {
            React(new ArpView(ethernet.Payload), ethernet.Destination);
        }
        else if (_options.Forward && ethernet.EtherType == EtherType.IPv4 && ethernet.Destination == HardwareAddress)
        {
            Pass(bytes);
        }
    }

    /// <summary>The owner has spoken, or somebody asks for him: what he says is said again soon after.</summary>
    private void React(in ArpView message, MacAddress destination)
    {
        bool isHeard = destination.IsBroadcast && message.SenderHardware != HardwareAddress
            && (message.SenderProtocol == Address || message.TargetProtocol == Address
                || (BothWays && (Targets.Contains(message.SenderProtocol) || Targets.Contains(message.TargetProtocol))));
        if (isHeard)
        {
            lock (_lock)
            {
                _next = Instant.Earlier(_next, _channel.Now + s_reaction);
            }
        }
    }

    /// <summary>Sends a packet on to the host that it is for, or from a target to the owner of the address, who knows further.</summary>
    private void Pass(ReadOnlySpan<byte> frame)
    {
        EthernetView ethernet = new(frame);
        NetworkAddress destination = new IPv4View(ethernet.Payload).Destination;
        MacAddress from = ethernet.Source;
        if (_options.OwnAddresses.Contains(destination) || !_true.ContainsValue(from))
        {
            return;
        }

        if (!_true.TryGetValue(destination, out MacAddress to))
        {
            to = _true[Address];
        }

        if (to == from)
        {
            return;
        }

        byte[] copy = frame.ToArray();
        _ = new EthernetEditor(copy) { Destination = to, Source = HardwareAddress };
        try
        {
            _channel.Send(copy);
            Interlocked.Increment(ref _forwarded);
        }
        catch (StackException)
        {
            // A network may lose packets; the hosts repair it.
        }
    }

    private void Restore()
    {
        try
        {
            Instant last = _lastTold + s_lockTime;
            for (int i = 0; i <= _options.Restorations; i++)
            {
                Tell(isTrue: true);
                Instant next = _channel.Now + _options.RestorationInterval;
                if (i < _options.Restorations)
                {
                    _channel.Wait(i == _options.Restorations - 1 ? Instant.Later(next, last) : next, CancellationToken.None);
                }
            }
        }
        catch (Exception e) when (e is StackException or ObjectDisposedException)
        {
            LastError ??= e;
        }
    }

    /// <summary>Tells everybody concerned; how many messages that took.</summary>
    private int Tell(bool isTrue)
    {
        MacAddress owner = _true[Address];
        if (Targets.Count == 0)
        {
            Send(MacAddress.Broadcast, Address, isTrue ? owner : HardwareAddress, Address);
            return 1;
        }

        foreach (NetworkAddress target in Targets)
        {
            Send(_true[target], Address, isTrue ? owner : HardwareAddress, target);
            if (BothWays)
            {
                Send(owner, target, isTrue ? _true[target] : HardwareAddress, Address);
            }
        }

        return Targets.Count * (BothWays ? 2 : 1);
    }

    /// <summary>
    /// A question from the address to the one who is told: hosts take what they hear of whoever asks them (RFC 826), more readily than
    /// answers that they have not asked for.
    /// </summary>
    private void Send(MacAddress to, NetworkAddress address, MacAddress hardware, NetworkAddress told) => _channel.Send(new Packet(
    [
        new EthernetLayer { Destination = to, Source = HardwareAddress },
        new ArpLayer { Operation = ArpOperation.Request, SenderHardware = hardware, SenderProtocol = address, TargetProtocol = told },
    ]));

    private MacAddress Resolve(NetworkAddress host, CancellationToken cancellationToken)
    {
        const int Questions = 3;
        for (int i = 0; i < Questions; i++)
        {
            // Asked from nowhere: nobody learns anything from it (RFC 5227, 2.1.1).
            Send(MacAddress.Broadcast, NetworkAddress.AnyIPv4, HardwareAddress, host);
            Instant end = _channel.Now + (_options.ResolveTimeout / Questions);
            while (_channel.Receive(end, cancellationToken) is { } frame)
            {
                EthernetView ethernet = new(frame.Bytes.Span);
                ArpView answer = new(ethernet.Payload);
                if (ethernet.EtherType == EtherType.Arp && answer.IsValid && answer.Operation == ArpOperation.Reply && answer.SenderProtocol == host)
                {
                    return answer.SenderHardware;
                }
            }
        }

        throw new StackException(
            StackError.Unreachable,
            $"{host} does not tell its Ethernet address on {_channel.Name}, so that the truth could not be told at the end.",
            "Nothing was sent but that question. Name hosts that are up, on the link itself.");
    }
}
