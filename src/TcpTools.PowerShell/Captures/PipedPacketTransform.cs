using System;
using System.Management.Automation;

namespace TcpTools.PowerShell;

/// <summary>
/// What <see cref="PacketTransformAttribute"/> does, where what is no packet may be meant for another parameter, such as a
/// file in the pipeline.
/// </summary>
[AttributeUsage(AttributeTargets.Property)]
public sealed class PipedPacketTransformAttribute : ArgumentTransformationAttribute
{
    /// <inheritdoc/>
    public override object Transform(EngineIntrinsics engineIntrinsics, object inputData)
    {
        object? plain = inputData is PSObject wrapped ? wrapped.BaseObject : inputData;
        return plain is string or System.IO.FileSystemInfo ? inputData : PacketInput.TryRead(inputData) ?? inputData;
    }
}
