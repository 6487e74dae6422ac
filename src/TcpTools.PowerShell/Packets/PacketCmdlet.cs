using System;
using System.Collections.Generic;
using System.Management.Automation;
using System.Text;
using TcpTools.Packets;

namespace TcpTools.PowerShell;

/// <summary>
/// What the cmdlets that build a layer have in common: they put their layer inside a packet that is piped in, and data
/// inside their layer. Where parameters have several values, they write a packet for each combination.
/// </summary>
public abstract class PacketCmdlet : TcpToolsCmdlet
{
    /// <summary>The packet to put the layer into.</summary>
    [Parameter(ValueFromPipeline = true)]
    [PacketTransform]
    public Packet? InputObject { get; set; }

    /// <summary>Text or bytes inside.</summary>
    [Parameter]
    [Alias("Payload")]
    public object? Data { get; set; }

    /// <summary>How text becomes bytes.</summary>
    [Parameter]
    [EncodingTransform]
    [ArgumentCompleter(typeof(EncodingCompleter))]
    public Encoding Encoding { get; set; } = EncodingTransformAttribute.Default;

    /// <summary>Whether the user gave a parameter.</summary>
    private protected bool Has(string parameter) => MyInvocation.BoundParameters.ContainsKey(parameter);

    /// <summary>Writes the packet with the layer and the data in it.</summary>
    private protected void Emit(PacketLayer layer) => Emit([layer]);

    /// <summary>Writes a packet for each combination of a product's values, one at a time.</summary>
    private protected void Emit<T>(Product<T> product)
        where T : PacketLayer, new() => Emit(product.Make(static () => new T()));

    /// <summary>Writes a packet for each layer.</summary>
    private protected void Emit(IEnumerable<PacketLayer> layers)
    {
        byte[]? data = Data is null ? null : PacketInput.TryReadData(Data, Encoding) ?? throw new StackException(
            StackError.InvalidArgument, $"'{Data}' is neither text nor bytes.", "Give -Data a string or [byte[]].");
        foreach (PacketLayer layer in layers)
        {
            Packet packet = InputObject is null ? new Packet([layer]) : InputObject / layer;
            if (data is { Length: > 0 })
            {
                packet.Layers.Add(new PayloadLayer([.. data]));
            }

            Finish(packet);
            WriteObject(packet);
        }
    }

    /// <summary>The last touch to a packet before it is written.</summary>
    private protected virtual void Finish(Packet packet)
    {
    }
}
