using System;
using System.Collections;
using System.Management.Automation;
using TcpTools.Links;

namespace TcpTools.PowerShell;

/// <summary>The parameters that say what a network does to packets.</summary>
public abstract class ImpairmentCmdlet : TcpToolsCmdlet
{
    /// <summary>Probability, 0 to 1, that a packet is lost.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Loss { get; set; }

    /// <summary>Probability, 0 to 1, that a packet arrives twice.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Duplicate { get; set; }

    /// <summary>Probability, 0 to 1, that a packet arrives with a flipped bit.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Corrupt { get; set; }

    /// <summary>Probability, 0 to 1, that a packet is held back.</summary>
    [Parameter]
    [ValidateRange(0.0, 1.0)]
    public double Reorder { get; set; }

    /// <summary>How much longer a packet takes that is held back.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan ReorderDelay { get; set; }

    /// <summary>How long every packet takes.</summary>
    [Parameter]
    [DurationTransform]
    [Alias("Latency")]
    public TimeSpan Delay { get; set; }

    /// <summary>The longest additional time.</summary>
    [Parameter]
    [DurationTransform]
    public TimeSpan Jitter { get; set; }

    /// <summary>Bits a second.</summary>
    [Parameter]
    [ValidateRange(0, long.MaxValue)]
    public long Rate { get; set; }

    /// <summary>Numbers of packets to lose, from 1.</summary>
    [Parameter]
    public long[]? DropNumber { get; set; }

    /// <summary>The impairment with what was given as parameters replaced.</summary>
    private protected Impairment Change(Impairment impairment)
    {
        IDictionary bound = MyInvocation.BoundParameters;
        bool Has(string name) => bound.Contains(name);
        return impairment with
        {
            Loss = Has(nameof(Loss)) ? Loss : impairment.Loss,
            Duplicate = Has(nameof(Duplicate)) ? Duplicate : impairment.Duplicate,
            Corrupt = Has(nameof(Corrupt)) ? Corrupt : impairment.Corrupt,
            Reorder = Has(nameof(Reorder)) ? Reorder : impairment.Reorder,
            ReorderDelay = Has(nameof(ReorderDelay)) ? ReorderDelay : impairment.ReorderDelay,
            Delay = Has(nameof(Delay)) ? Delay : impairment.Delay,
            Jitter = Has(nameof(Jitter)) ? Jitter : impairment.Jitter,
            Rate = Has(nameof(Rate)) ? Rate : impairment.Rate,
            Rule = DropNumber is null ? impairment.Rule : Impairment.DropNumbers(DropNumber),
        };
    }
}
