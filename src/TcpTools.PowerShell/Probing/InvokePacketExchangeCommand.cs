using System;
using System.Collections.Generic;
using System.Diagnostics.CodeAnalysis;
using System.Globalization;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Packets;
using TcpTools.Probing;

namespace TcpTools.PowerShell;

/// <summary>Sends packets and writes the answers to them.</summary>
[Cmdlet(VerbsLifecycle.Invoke, "PacketExchange", DefaultParameterSetName = "Once")]
[OutputType(typeof(ExchangeResult))]
public sealed class InvokePacketExchangeCommand : ProbingCmdlet
{
    private const double DefaultRoundInterval = 1000;

    private readonly List<Packet> _packets = [];
    private ExchangeRunner? _runner;
    private RecordedExchange? _record;
    private bool _isDone;

    /// <summary>The packets.</summary>
    [Parameter(Mandatory = true, Position = 0, ValueFromPipeline = true)]
    [PacketTransform]
    public Packet InputObject { get; set; } = null!;

    /// <summary>How long each answer is waited for.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 2;

    /// <summary>How often what is not answered is sent again.</summary>
    [Parameter(ParameterSetName = "Once")]
    [Parameter(ParameterSetName = "Repeat")]
    public int Retry { get; set; }

    /// <summary>Every answer to a packet, not only the first.</summary>
    [Parameter]
    public SwitchParameter Multi { get; set; }

    /// <summary>The first answer ends it.</summary>
    [Parameter(ParameterSetName = "Once")]
    public SwitchParameter First { get; set; }

    /// <summary>How many packets a second at most.</summary>
    [Parameter(ParameterSetName = "Once")]
    [Parameter(ParameterSetName = "Repeat")]
    [ValidateRange(0.0, 1e9)]
    public double Rate { get; set; }

    /// <summary>The time between two packets, or between two rounds, in milliseconds.</summary>
    [Parameter(ParameterSetName = "Once")]
    [Parameter(ParameterSetName = "Repeat")]
    [DurationTransform]
    [Alias("Interval")]
    public TimeSpan IntervalMilliseconds { get; set; }

    /// <summary>Sends all packets again and again, in rounds.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Repeat")]
    public SwitchParameter Repeat { get; set; }

    /// <summary>How many rounds.</summary>
    [Parameter(ParameterSetName = "Repeat")]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = int.MaxValue;

    /// <summary>Which packets are looked at, in tcpdump's language.</summary>
    [Parameter(ParameterSetName = "Once")]
    [Parameter(ParameterSetName = "Repeat")]
    public string? Filter { get; set; }

    /// <summary>Ends when this is true of a result, which is $_ in it.</summary>
    [Parameter]
    [Alias("StopFilter")]
    public ScriptBlock? Until { get; set; }

    /// <summary>Answers may come from other addresses than were asked.</summary>
    [Parameter]
    public SwitchParameter AnySource { get; set; }

    /// <summary>A packet with a wrong checksum is no answer.</summary>
    [Parameter]
    public SwitchParameter VerifyChecksum { get; set; }

    /// <summary>How many packets may be on their way at one time.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Capacity { get; set; } = 65536;

    /// <summary>Sends nothing: finds the answers among the packets themselves.</summary>
    [Parameter(Mandatory = true, ParameterSetName = "Offline")]
    public SwitchParameter Offline { get; set; }

    private ExchangeOptions Options => new()
    {
        Timeout = Limit(TimeoutSec),
        Retry = Retry,
        Multi = Multi,
        First = First,
        Rate = Rate,
        Interval = Repeat ? TimeSpan.Zero : IntervalMilliseconds,
        Capacity = Capacity,
        Rules = new ReplyRules { AnySource = AnySource, VerifyChecksums = VerifyChecksum },
    };

    /// <inheritdoc/>
    protected override void Begin()
    {
        if (Offline)
        {
            _record = new RecordedExchange(Options);
        }
        else
        {
            _runner = NewRunner();
        }
    }

    /// <inheritdoc/>
    protected override void Process()
    {
        if (_isDone)
        {
            return;
        }

        if (Repeat)
        {
            _packets.Add(InputObject);
            return;
        }

        if (_record is not null)
        {
            _record.Add(InputObject);
            Write(_record.TryTakeResult);
            return;
        }

        _runner!.Add(InputObject);
        Move(_runner, waits: false);
        Write(_runner.TryTakeResult);
        while (!_isDone && !_runner.HasRoom)
        {
            Move(_runner, waits: true);
            Write(_runner.TryTakeResult);
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        if (_record is not null)
        {
            _record.Complete();
            Write(_record.TryTakeResult);
        }
        else if (Repeat)
        {
            RunRounds();
        }
        else
        {
            Finish(_runner!);
        }

        EndProgress();
    }

    private ExchangeRunner NewRunner() =>
        new(Channel, Options, Filter is null ? null : PacketFilter.Compile(Filter, Channel.Start));

    private void Finish(ExchangeRunner runner)
    {
        runner.CompleteAdding();
        Total = runner.Counters.Probes;
        Write(runner.TryTakeResult);
        while (!_isDone && !runner.IsComplete)
        {
            Move(runner, waits: true);
            Write(runner.TryTakeResult);
        }
    }

    private void RunRounds()
    {
        TimeSpan interval = MyInvocation.BoundParameters.ContainsKey(nameof(IntervalMilliseconds))
            ? IntervalMilliseconds
            : TimeSpan.FromMilliseconds(DefaultRoundInterval);
        long sent = 0;
        long answered = 0;
        for (int round = 1; round <= Count && !_isDone; round++)
        {
            Instant next = Channel.Now + interval;
            ExchangeRunner runner = NewRunner();
            runner.Round = round;
            foreach (Packet packet in _packets)
            {
                while (!runner.HasRoom)
                {
                    Move(runner, waits: true);
                    Write(runner.TryTakeResult);
                }

                runner.Add(packet);
            }

            Finish(runner);
            sent += runner.Counters.Probes;
            answered += runner.Counters.Answered;
            while (round < Count && !_isDone && Channel.Now < next)
            {
                Channel.Receive(next, StopToken);
            }
        }

        // In words on the screen, as Write-Host would have them: the pipeline has results only.
        double share = sent == 0 ? 0 : 100.0 * answered / sent;
        string message = string.Create(
            CultureInfo.InvariantCulture, $"{sent} packets sent, {answered} answered, {share:0.#} % of them.");
        WriteInformation(new HostInformationMessage { Message = message }, ["PSHOST"]);
    }

    private delegate bool Take([NotNullWhen(true)] out ExchangeResult? result);

    private void Write(Take take)
    {
        while (!_isDone && take(out ExchangeResult? result))
        {
            if (result.Failure is { } failure)
            {
                WriteError(Errors.From(failure, result.Probe));
                continue;
            }

            WriteObject(result);
            if (Until is not null)
            {
                _isDone = LanguagePrimitives.IsTrue(Until.InvokeWithContext(null, [new PSVariable("_", result)]));
            }

            _isDone |= First && result.Answered;
        }
    }
}
