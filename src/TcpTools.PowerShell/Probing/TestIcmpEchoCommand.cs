using System;
using System.Collections.Generic;
using System.Globalization;
using System.Linq;
using System.Management.Automation;
using TcpTools.Channels;
using TcpTools.Probing;
using TcpTools.Wire;

namespace TcpTools.PowerShell;

/// <summary>Asks hosts for an echo.</summary>
[Cmdlet(VerbsDiagnostic.Test, "IcmpEcho")]
[OutputType(typeof(bool), typeof(EchoResult))]
public sealed class TestIcmpEchoCommand : HostProbingCmdlet
{
    private readonly List<double> _times = [];
    private readonly ushort _identifier = (ushort)RandomSource.System.NextUInt32();
    private long _sent;

    /// <summary>How many requests.</summary>
    [Parameter]
    [ValidateRange(1, int.MaxValue)]
    public int Count { get; set; } = 4;

    /// <summary>The time from one request to the next.</summary>
    [Parameter]
    [DurationTransform]
    [Alias("Interval")]
    public TimeSpan IntervalMilliseconds { get; set; } = TimeSpan.FromSeconds(1);

    /// <summary>How long each answer is waited for.</summary>
    [Parameter]
    [TimeoutTransform]
    [Alias("Timeout", "TimeoutSeconds")]
    public double TimeoutSec { get; set; } = 2;

    /// <summary>Bytes of data.</summary>
    [Parameter]
    [ValidateRange(0, 65507)]
    public int Size { get; set; } = 56;

    /// <summary>How many routers the request may pass.</summary>
    [Parameter]
    [Alias("Ttl", "HopLimit")]
    public byte TimeToLive { get; set; } = 64;

    /// <summary>Routers may not split the request.</summary>
    [Parameter]
    [Alias("DF")]
    public SwitchParameter DontFragment { get; set; }

    /// <summary>An object for each request instead of true and false.</summary>
    [Parameter]
    public SwitchParameter Detailed { get; set; }

    /// <inheritdoc/>
    protected override void Process()
    {
        foreach (NetworkAddress address in ResolveTargets())
        {
            bool answered = Ask(address);
            if (!Detailed)
            {
                WriteObject(answered);
            }
        }
    }

    /// <inheritdoc/>
    protected override void End()
    {
        EndProgress();
        if (Detailed && _sent > 0)
        {
            // In words on the screen, as Write-Host would have them: the pipeline has results only.
            WriteInformation(new HostInformationMessage { Message = Describe() }, ["PSHOST"]);
        }
    }

    /// <summary>Asks one host; without -Detailed until it answers.</summary>
    private bool Ask(NetworkAddress address)
    {
        NetworkAddress source = SourceFor(address);
        ExchangeRunner runner = new(Channel, new ExchangeOptions { Timeout = Limit(TimeoutSec), Rate = Rate });
        bool answered = false;
        for (int i = 1; i <= Count && (Detailed || !answered); i++)
        {
            Instant next = Channel.Now + IntervalMilliseconds;
            runner.Add(EchoTest.MakeProbe(source, address, _identifier, (ushort)i, Size, TimeToLive, DontFragment));
            _sent++;
            while (i < Count && (Detailed || !answered) && Channel.Now < next)
            {
                runner.Step(next, StopToken);
                answered |= Write(runner);
            }
        }

        runner.CompleteAdding();
        while ((Detailed || !answered) && !runner.IsComplete)
        {
            Move(runner, waits: true);
            answered |= Write(runner);
        }

        return answered | Write(runner);
    }

    private bool Write(ExchangeRunner runner)
    {
        bool answered = false;
        while (runner.TryTakeResult(out ExchangeResult? exchange))
        {
            EchoResult result = EchoTest.Judge(exchange);
            answered |= result.Answered;
            if (result.Answered && result.RoundTripTime is { } time)
            {
                _times.Add(time.TotalMilliseconds);
            }

            if (exchange.Failure is { } failure)
            {
                WriteError(Errors.From(failure, result.Address));
            }
            else if (Detailed)
            {
                WriteObject(result);
            }
        }

        return answered;
    }

    private string Describe()
    {
        double loss = 100.0 * (_sent - _times.Count) / _sent;
        string head = string.Create(CultureInfo.InvariantCulture, $"{_sent} sent, {_times.Count} answered, {loss:0.#} % lost");
        if (_times.Count == 0)
        {
            return head + ".";
        }

        double mean = _times.Average();
        double deviation = Math.Sqrt(_times.Average(time => (time - mean) * (time - mean)));
        return string.Create(
            CultureInfo.InvariantCulture,
            $"{head}; round trips of {_times.Min():0.000} to {_times.Max():0.000} ms, mean {mean:0.000}, deviation {deviation:0.000}.");
    }
}
